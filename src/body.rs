//! Reads a body, but never more of it than is wanted.

use futures_util::TryStreamExt;
use worker::{ByteStream, Result};

/// All of a stream, if it has at most so many bytes; it is not read further than that.
pub(crate) async fn bounded(mut stream: ByteStream, most: usize) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

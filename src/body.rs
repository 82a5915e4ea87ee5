//! Reads a body, but never more of it than is wanted, and of all requests together than the isolate can hold.

use crate::clock;
use futures_util::{
    Stream, TryStreamExt,
    future::{Either, ready, select},
};
use queue_core::api::{
    bodies::{BODY_WITHIN, Bodies, BodyId, Share},
    problem::ApiError,
};
use std::{cell::RefCell, pin::pin};
use worker::{ByteStream, Delay, Error};

thread_local! {
    /// What the requests of this isolate hold.
    static BODIES: RefCell<Bodies> = RefCell::default();
}

/// All of a stream, if it has at most so many bytes; it is not read further than that.
pub(crate) async fn bounded<E>(
    stream: impl Stream<Item = Result<Vec<u8>, E>>,
    most: usize,
) -> Result<Option<Vec<u8>>, E> {
    let mut stream = pin!(stream);
    let mut body = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// What one request holds of its body, until this is dropped.
pub(crate) struct Held(BodyId);

impl Held {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self(BODIES.with_borrow_mut(Bodies::enter))
    }

    /// Reads the request's body: so many bytes, within that share of the room. `fault` says what a broken connection means.
    pub(crate) async fn read(
        &self,
        stream: ByteStream,
        (most, share): (usize, Share),
        fault: impl Fn(Error) -> ApiError,
    ) -> Result<Vec<u8>, ApiError> {
        let counted = stream.map_err(fault).and_then(|chunk| {
            let now = clock::now();
            let has_room = BODIES.with_borrow_mut(|all| all.hold(self.0, share, chunk.len(), now));
            ready(has_room.then_some(chunk).ok_or(ApiError::BodiesFull))
        });
        match select(pin!(bounded(counted, most)), Delay::from(BODY_WITHIN)).await {
            Either::Left((body, _)) => body?.ok_or(ApiError::BodyTooLarge(most)),
            Either::Right(_) => Err(ApiError::BodyTooSlow),
        }
    }

    /// The signature of what was read is good.
    pub(crate) fn signed(&self) {
        BODIES.with_borrow_mut(|all| all.signed(self.0));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        BODIES.with_borrow_mut(|all| all.release(self.0));
    }
}

//! The daily run through a folder of the bucket, in the order of its keys.

use crate::{log::log, settings};
use queue_core::{bindings, config::LogFormat, domain::Timestamp, events::Event};
use worker::{Bucket, Date, Env, Object, Result};

/// Pages of a thousand objects that one run looks at; the next day's goes on.
const PAGES_A_RUN: u32 = 10;

/// Has the objects of a folder visited page by page, as long as `visit` says that it goes on.
pub(crate) async fn pages(
    env: &Env,
    folder: &str,
    mut visit: impl AsyncFnMut(&Bucket, Vec<Object>) -> Result<bool>,
) -> Result<()> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let mut last = None;
    for _ in 0..PAGES_A_RUN {
        let mut listed = bucket.list().prefix(folder);
        if let Some(last) = last {
            listed = listed.start_after(last);
        }
        let page = listed.execute().await?;
        let objects = page.objects();
        last = objects.last().map(Object::key);
        if !visit(&bucket, objects).await? || !page.truncated() {
            break;
        }
    }
    Ok(())
}

/// Deletes the objects of a folder that were stored so long ago, and says how many that were.
pub(crate) async fn delete(
    env: &Env,
    folder: &str,
    is_over: impl Fn(Timestamp) -> bool,
) -> Result<usize> {
    let mut deleted = 0;
    let run = pages(env, folder, async |bucket, objects| {
        let over = objects.iter().filter(|object| is_over(stored_at(object)));
        let over: Vec<String> = over.map(Object::key).collect();
        deleted += over.len();
        if !over.is_empty() {
            bucket.delete_multiple(over).await?;
        }
        Ok(true)
    });
    run.await?;
    Ok(deleted)
}

/// Logs what a run could not do. Never fails: what is left is done the next day.
pub(crate) fn log_fault(env: &Env, what: &'static str, run: Result<()>) {
    if let Err(error) = run {
        let format = settings::load(env).map_or(LogFormat::Text, |config| config.log_format);
        log(format, &Event::fault(what, error));
    }
}

/// When an object was stored.
pub(crate) fn stored_at(object: &Object) -> Timestamp {
    moment(&object.uploaded())
}

/// The platform's date as a time of ours.
pub(crate) fn moment(date: &Date) -> Timestamp {
    Timestamp::from_millis(i64::try_from(date.as_millis()).unwrap_or(i64::MAX))
}

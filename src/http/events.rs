//! A user's changes as Server-Sent Events.

use super::service::Service;
use crate::{clients::watch::Socket, clock};
use futures_util::{
    future::{Either, select},
    stream::try_unfold,
};
use queue_core::{
    api::{
        events::{CACHE_CONTROL, CONTENT_TYPE, Due, Feed, KEEP_ALIVE, Step, heard},
        problem::ApiError,
        query,
    },
    domain::UserId,
    live::{Said, Watch},
};
use std::pin::pin;
use worker::{Delay, Headers, Request, Response, Result};

/// 200 at once, and then what changes, until the stream has lasted long enough or the gate ends it.
pub(super) async fn stream(
    service: &Service<'_>,
    user_id: UserId,
    request: &Request,
) -> Result<Response, ApiError> {
    let since = service.query(request, query::parse_events)?;
    let heard = heard(service.header(request, "last-event-id").as_deref(), since)?;
    let response = if request.inner().method() == "HEAD" {
        Response::empty()
    } else {
        let socket = Socket::open(service.env, &user_id, &Watch::default()).await;
        let socket = socket.map_err(|error| service.fault(&error))?;
        let socket = socket.ok_or_else(|| service.unexpected())?;
        let feed = Feed::new(user_id, heard, clock::now());
        let begin = Some(feed.begin());
        let open = Open {
            feed,
            socket,
            begin,
        };
        Response::from_stream(try_unfold(open, Open::next))
    };
    let headers = Headers::new();
    headers
        .set("content-type", CONTENT_TYPE)
        .and_then(|()| headers.set("cache-control", CACHE_CONTROL))
        .and(response)
        .map(|response| response.with_headers(headers))
        .map_err(|error| service.fault(&error))
}

/// An open stream.
struct Open {
    feed: Feed,
    socket: Socket,
    /// How it begins, if it has not.
    begin: Option<Step>,
}

impl Open {
    /// What is written next; `None` at the end.
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>> {
        loop {
            let Some(step) = self.step().await else {
                return Ok(None);
            };
            if let Some(ask) = &step.ask
                && self.socket.say(&serde_json::to_string(ask)?).is_err()
            {
                return Ok(None);
            }
            if !step.text.is_empty() {
                return Ok(Some((step.text.into_bytes(), self)));
            }
        }
    }

    async fn step(&mut self) -> Option<Step> {
        if let Some(begin) = self.begin.take() {
            return Some(begin);
        }
        let pause = Delay::from(self.feed.pause(clock::now()));
        let heard = match select(pin!(self.socket.next()), pause).await {
            Either::Left((said, _)) => Some(said?),
            Either::Right(_) => None,
        };
        if let Some(said) = heard {
            // What another build says cannot always be read: the client asks again.
            return Some(self.feed.hear(&Said::read(&said)?));
        }
        match self.feed.due(clock::now()) {
            Due::End => None,
            Due::Alive => {
                self.socket.say_alive().ok()?;
                Some(Step {
                    text: KEEP_ALIVE.to_owned(),
                    ask: None,
                })
            }
        }
    }
}

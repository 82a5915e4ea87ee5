//! Has the list of failures told what it must hear of a gate's jobs.

use super::Gate;
use crate::{clients::FailuresClient, log::log};
use queue_core::{
    config::Config,
    domain::UserId,
    events::Event,
    failures,
    gate::{Effects, command::Command},
};
use std::rc::Rc;

impl Gate {
    /// Has the list of failures told what it must hear of a turn.
    pub(super) fn list(
        self: &Rc<Self>,
        config: &Rc<Config>,
        user_id: &UserId,
        effects: &mut Effects,
    ) {
        if self.lister.borrow_mut().take(&mut effects.words) {
            let (gate, config, user_id) = (self.clone(), config.clone(), user_id.clone());
            self.shell
                .go_on(async move { gate.tell_list(&config, &user_id).await });
        }
    }

    /// Tells the list of failures all that it must hear, one call after the other.
    async fn tell_list(self: Rc<Self>, config: &Rc<Config>, user_id: &UserId) {
        loop {
            let Some(words) = self.lister.borrow_mut().call() else {
                return;
            };
            let tell = failures::Command::Tell {
                words: words.clone(),
            };
            if let Err(error) = FailuresClient::new(&self.shell.env).ask(&tell).await {
                let what = "the list of failures could not be told; the call is repeated";
                log(config.log_format, &Event::fault(what, error));
                self.lister.borrow_mut().failed();
                return;
            }
            self.confirm(config, user_id, Command::Listed { words })
                .await;
        }
    }
}

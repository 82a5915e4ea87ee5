//! Places: a file for each setting, which paints all that lies below the sky.

mod city;
mod desert;
mod forest;
mod hills;
mod mountains;
mod outdoors;
mod room;
mod sea;
mod space;
mod underwater;

use crate::scenery::Setting;
use crate::view::View;

/// Paints everything below the sky.
pub(super) fn paint(view: &mut View) {
    match view.composition.setting {
        Setting::Hills => hills::paint(view),
        Setting::Mountains => mountains::paint(view),
        Setting::Sea => sea::paint(view),
        Setting::Forest => forest::paint(view),
        Setting::Desert => desert::paint(view),
        Setting::City => city::paint(view),
        Setting::Room => room::paint(view),
        Setting::Space => space::paint(view),
        Setting::Underwater => underwater::paint(view),
    }
}

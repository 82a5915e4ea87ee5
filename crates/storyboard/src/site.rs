//! Where a picture is built around, and the haze that lies in it.

use super::sky::Light;
use super::svg::{N, Painter};

/// Where the picture is built around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Where sky and ground meet.
    pub(super) horizon: f64,
    /// Where the thing to look at stands.
    pub(super) focus: f64,
    /// Where the light comes from.
    pub(super) light: Light,
}

/// A veil of haze that ends at a height.
pub(super) fn mist(painter: &mut Painter, y: f64, tall: f64, opacity: f64) {
    let haze = painter.palette.haze().mix(painter.palette.light, 0.2);
    let fill = painter.gradient(&[(haze, 0.0), (haze, opacity), (haze, 0.0)]);
    painter.push(format_args!(
        r#"<rect y="{}" width="{}" height="{}" fill="url(#{fill})"/>"#,
        N(y - tall / 2.0),
        N(painter.width),
        N(tall)
    ));
}

//! Scenery: what can be told apart in a picture, whatever its style.

/// Where it happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setting {
    /// Rolling meadows.
    Hills,
    /// Peaks and valleys.
    Mountains,
    /// Open water, and a near shore when something stands there.
    Sea,
    /// Rows of trees.
    Forest,
    /// A skyline and a street.
    City,
    /// Dunes and mesas.
    Desert,
    /// Indoors, with a window.
    Room,
    /// Among planets.
    Space,
    /// Below the surface.
    Underwater,
}

/// When it happens; the number is the row of a palette.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hour {
    /// The sun rises.
    Dawn,
    /// The sun is up.
    Day,
    /// The sun sets.
    Dusk,
    /// The moon is up.
    Night,
}

/// What comes from above.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Weather {
    /// Nothing.
    Clear,
    /// Clouds.
    Cloudy,
    /// Rain.
    Rain,
    /// Snow.
    Snow,
    /// Fog.
    Fog,
    /// Rain and lightning.
    Storm,
}

/// A thing that can be seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Prop {
    Lighthouse,
    House,
    Boat,
    Person,
    Dog,
    Tree,
    Castle,
    Windmill,
    Campfire,
    Train,
    Balloon,
    Birds,
    Rocket,
    Whale,
    Fish,
    Aurora,
}

impl Setting {
    /// The colour of its ground, and how much of it shows.
    pub(super) const fn tint(self) -> Option<(u32, f64)> {
        match self {
            Self::Hills => Some((0x2f_5d3a, 0.30)),
            Self::Forest => Some((0x12_4034, 0.35)),
            Self::Desert => Some((0x8a_3b22, 0.50)),
            Self::Sea | Self::Underwater => Some((0x0c_3c52, 0.35)),
            Self::Mountains | Self::City | Self::Room | Self::Space => None,
        }
    }
}

impl Weather {
    /// How much colour it takes out of the picture.
    pub(super) const fn dulls(self) -> f64 {
        match self {
            Self::Clear => 0.0,
            Self::Cloudy | Self::Snow => 0.2,
            Self::Fog => 0.15,
            Self::Rain => 0.35,
            Self::Storm => 0.55,
        }
    }
}

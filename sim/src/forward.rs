//! A store over another one.

/// Methods that the rows answer as they are.
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> Result<$answer, StorageError> {
            self.rows.$name($($argument),*)
        })*
    };
}

pub(crate) use forward;

//! A folder with files, removed when the test ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of its own for one test.
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// A folder with these files: relative path and text.
    pub fn new(files: &[(&str, &str)]) -> Workspace {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("den-tests-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(name);
        fs::create_dir_all(&root).expect("the temporary folder is writable");
        let root = fs::canonicalize(root).expect("it exists");
        let it = Workspace { root };
        for (path, text) in files {
            it.write(path, text);
        }
        it
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("the folder is writable");
        fs::write(path, text).expect("the file is writable");
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("the file is there");
    }

    /// The absolute path of a file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The address of a file; temporary folders need no escaping.
    pub fn uri(&self, path: &str) -> String {
        format!("file://{}", self.path(path).display()).trim_end_matches('/').to_owned()
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

//! The file between the command and whoever holds the data directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{DataDir, Extract, Place};

/// A directory of one test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("portcullis-import-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn data_dir(&self) -> DataDir {
        DataDir::prepare(&self.0.join("data")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A dump of an empty AWX.
fn place(directory: &Path) -> Place {
    let block = |name: &str, columns: &str| format!("COPY public.{name} ({columns}) FROM stdin;\n\\.\n");
    let dump = block("auth_user", "id, password, username, is_superuser, is_active")
        + &block("main_organization", "id, name")
        + &block("main_team", "id, name, organization_id");
    let path = directory.join("awx.sql");
    fs::write(&path, dump).unwrap();
    Place { database: None, dump: Some(path) }
}

fn names(data_dir: &DataDir) -> Vec<String> {
    let names = fs::read_dir(data_dir.path()).unwrap().flatten();
    names.filter_map(|it| it.file_name().into_string().ok()).filter(|it| it.starts_with("import-")).collect()
}

#[test]
fn an_extract_is_its_owner_s_and_gone_at_the_end() {
    let directory = Folder::new("mode");
    let data_dir = directory.data_dir();
    let extract = Extract::new(&data_dir).ok().unwrap();
    extract.write(&place(&directory.0), None).ok().unwrap();
    let metadata = fs::metadata(&extract.path).unwrap();
    assert!(metadata.len() > 0 && metadata.permissions().mode() & 0o777 == 0o600);
    drop(extract);
    assert_eq!(names(&data_dir), [""; 0]);
}

#[test]
fn what_was_left_behind_is_removed_and_what_is_used_is_not() {
    let directory = Folder::new("left");
    let data_dir = directory.data_dir();
    fs::write(data_dir.file("import-1.extract"), "left").unwrap();
    fs::write(data_dir.file("import-notes"), "not ours").unwrap();
    let used = fs::File::create(data_dir.file("import-2.extract")).unwrap();
    used.lock().unwrap();
    let extract = Extract::new(&data_dir).ok().unwrap();
    let own = extract.path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut found = names(&data_dir);
    found.sort();
    let mut expected = vec![own, "import-2.extract".to_owned(), "import-notes".to_owned()];
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn another_file_in_the_extract_s_place_is_not_written() {
    let directory = Folder::new("symlink");
    let data_dir = directory.data_dir();
    let victim = directory.0.join("victim");
    fs::write(&victim, "precious").unwrap();
    let extract = Extract::new(&data_dir).ok().unwrap();
    fs::remove_file(&extract.path).unwrap();
    symlink(&victim, &extract.path).unwrap();
    extract.write(&place(&directory.0), None).ok().unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

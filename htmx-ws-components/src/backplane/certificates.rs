//! Certificates for the servers of a test, by a root of its own.

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

pub(crate) struct Root {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Root {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let root = Self { issuer, folder: tempfile::tempdir().unwrap() };
        write(&root.file(), "CERTIFICATE", root.issuer.der());
        root
    }

    /// What a node is to trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("root.pem")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The files of the certificate and the key of a server at this host, for which alone it is valid.
    pub(crate) fn server(&self, host: &str) -> [PathBuf; 2] {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let (certificate_file, key_file) = (self.folder().join(format!("{host}.pem")), self.folder().join(format!("{host}.key")));
        write(&certificate_file, "CERTIFICATE", certificate.der());
        write(&key_file, "PRIVATE KEY", &key.serialize_der());
        [certificate_file, key_file]
    }
}

fn write(file: &Path, what: &str, der: &[u8]) {
    fs::write(file, format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", BASE64.encode(der))).unwrap();
}

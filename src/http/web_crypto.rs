//! Signatures with public keys, checked by the platform's Web Crypto: this adds no code to the bundle.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array, futures::JsFuture};
use queue_core::config::PublicKey;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &Object,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn verify(
        algorithm: &Object,
        key: &JsValue,
        signature: &Uint8Array,
        data: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// Whether `signature` is that of `signed` under the key.
///
/// # Errors
/// The platform's error, if it refuses the key itself.
pub(crate) async fn is_signature_of(
    key: &PublicKey,
    signed: &[u8],
    signature: &[u8],
) -> Result<bool, String> {
    holds(key, signed, signature)
        .await
        .map_err(|error| format!("{error:?}"))
}

async fn holds(key: &PublicKey, signed: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let algorithm = object(match key {
        PublicKey::P256(_) => &[
            ("name", "ECDSA"),
            ("namedCurve", "P-256"),
            ("hash", "SHA-256"),
        ],
        PublicKey::Ed25519(_) => &[("name", "Ed25519")],
        PublicKey::Rsa { .. } => &[("name", "RSASSA-PKCS1-v1_5"), ("hash", "SHA-256")],
    })?;
    let bytes = |bytes: &[u8]| Uint8Array::from(bytes);
    let usages = Array::of1(&JsValue::from_str("verify"));
    let key = import_key("spki", &bytes(key.der()), &algorithm, false, &usages)?;
    let key = JsFuture::from(key).await?;
    let answer = verify(&algorithm, &key, &bytes(signature), &bytes(signed))?;
    Ok(JsFuture::from(answer).await?.is_truthy())
}

fn object(fields: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value))?;
    }
    Ok(object)
}

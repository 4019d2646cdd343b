/**
 * A self-signed certificate for `localhost` and 127.0.0.1, valid for a hundred years. Its key is public, so it is for
 * tests only.
 */
export const testCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL94wVknhMvMWPVhs
+otcvpJOnEAQ06s+KfRrYkbWhIuhRANCAAQmjWxumxwTyxITVUIhanOieGyEpmIh
v5LMJQ8BApGpqRSaM+IEtECfgKmFLUxsIC+zm4cq4Eo9ds06WAHp351D
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUeT/VrwQd8LTer+ZptIoU9S5nHNowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5NTUyNFoYDzIxMjYxMDI4
MDk1NTI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQmjWxumxwTyxITVUIhanOieGyEpmIhv5LMJQ8BApGpqRSaM+IEtECf
gKmFLUxsIC+zm4cq4Eo9ds06WAHp351Do28wbTAdBgNVHQ4EFgQUycywDhXmpmRc
NfrEels8CzrZ52owHwYDVR0jBBgwFoAUycywDhXmpmRcNfrEels8CzrZ52owDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAPXrWUVcIC+J24N96wcBR8wAHhUlh4BPEzPMRbMIv3lFAiBQ
0sIMzQMQpFPBuq988oriLF14FmrpYtRuGzyiKiFqlg==
-----END CERTIFICATE-----`,
}

namespace Parley.tests.Lab;

/// <summary>Debian's Prosody.</summary>
internal sealed class ProsodyProcess(FederationLab lab) : OtherServer(lab)
{
    public override bool HasUsedCertificates => Log.Contains("Accepting SASL EXTERNAL identity from near.test", StringComparison.Ordinal);

    protected override RunningCommand Start() => Lab.Far.Start("prosody", ["--config", Path.Combine(Directory, "prosody.cfg.lua"), "-F"]);

    protected override void Configure(bool trusts)
    {
        var accounts = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "data", "far%2etest", "accounts")).FullName;
        File.WriteAllText(Path.Combine(accounts, "ben.dat"), $"return {{ [\"password\"] = \"{Password}\"; }};\n");
        var certificate = Lab.Certify("far.test", "rooms.far.test", "upload.far.test", "xmpp.far.test");
        File.WriteAllText(Path.Combine(Directory, "prosody.cfg.lua"), $$"""
            run_as_root = true
            pidfile = "{{Directory}}/prosody.pid"
            data_path = "{{Directory}}/data"
            interfaces = { "{{FederationLab.FarAddress}}" }
            modules_enabled = { "roster", "saslauth", "tls", "dialback", "disco", "ping", "smacks", "offline", "version" }
            authentication = "internal_plain"
            c2s_require_encryption = false
            allow_unencrypted_plain_auth = true
            s2s_require_encryption = true
            s2s_secure_auth = {{(trusts ? "true" : "false")}}
            log = { debug = "*console" }
            ssl = { certificate = "{{certificate}}", key = "{{certificate}}", cafile = "{{Lab.Roots}}" }
            http_ports = { }
            https_ports = { {{HttpsPort}} }
            https_interfaces = { "{{FederationLab.FarAddress}}" }
            https_ssl = { certificate = "{{certificate}}", key = "{{certificate}}" }
            VirtualHost "far.test"
            Component "rooms.far.test" "muc"
            Component "upload.far.test" "http_file_share"
              http_host = "xmpp.far.test"
              http_external_url = "https://xmpp.far.test:{{HttpsPort}}/"
            """);
    }
}

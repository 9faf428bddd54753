namespace Parley.tests.Lab;

/// <summary>Debian's ejabberd.</summary>
internal sealed class EjabberdProcess(FederationLab lab) : OtherServer(lab)
{
    public override string Log => Command.Text + (File.Exists(LogFile) ? File.ReadAllText(LogFile) : "");

    // It takes no certificate that is for servers alone from who connects ("unsupported certificate purpose"), and asks back instead; its own is as good as any with us.
    public override bool HasUsedCertificates => Log.Contains("Accepted outbound s2s EXTERNAL authentication far.test -> near.test", StringComparison.Ordinal);

    private string LogFile => Path.Combine(Directory, "ejabberd.log");

    protected override RunningCommand Start() => Lab.Far.Start("erl", ["-noinput", "-mnesia", "dir", $"\"{Directory}\"", "-s", "ejabberd"], new Dictionary<string, string?>
    {
        ["ERL_LIBS"] = "/usr/lib/x86_64-linux-gnu",
        ["EJABBERD_CONFIG_PATH"] = Path.Combine(Directory, "ejabberd.yml"),
        ["EJABBERD_LOG_PATH"] = LogFile,
        ["HOME"] = Directory,
    });

    protected override void Configure(bool trusts) => File.WriteAllText(Path.Combine(Directory, "ejabberd.yml"), $$"""
        hosts: [far.test]
        loglevel: debug
        certfiles: ["{{Lab.Certify("far.test", "rooms.far.test", "upload.far.test", "xmpp.far.test")}}"]
        ca_file: "{{Lab.Roots}}"
        s2s_cafile: "{{Lab.Roots}}"
        s2s_use_starttls: {{(trusts ? "required" : "optional")}}
        auth_password_format: scram
        registration_timeout: infinity
        listen:
          -
            port: 5222
            ip: "{{FederationLab.FarAddress}}"
            module: ejabberd_c2s
            starttls: true
          -
            port: 5269
            ip: "{{FederationLab.FarAddress}}"
            module: ejabberd_s2s_in
          -
            port: {{HttpsPort}}
            ip: "{{FederationLab.FarAddress}}"
            module: ejabberd_http
            tls: true
            request_handlers:
              /upload: mod_http_upload
        modules:
          mod_disco: {}
          mod_http_upload:
            hosts: [upload.far.test]
            access: all
            docroot: "{{Directory}}/files"
            put_url: "https://xmpp.far.test:{{HttpsPort}}/upload"
          mod_muc:
            hosts: [rooms.far.test]
          mod_offline: {}
          mod_ping: {}
          mod_register:
            ip_access: all
          mod_roster: {}
          mod_s2s_dialback: {}
          mod_stream_mgmt: {}
        """);

    protected override async Task AddBenAsync()
    {
        // It listens before it speaks: what says so is its log.
        for (var i = 0; i < 300 && !Log.Contains("is started in the node", StringComparison.Ordinal); i++) await Task.Delay(100);
        await using var client = await XmppTestClient.ConnectAsync(Lab.Exchange, "far.test", address: FederationLab.FarAddress);
        await client.OpenAsync();
        await client.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>ben</username><password>{Password}</password></query></iq>");
        await client.HearAsync("type=['\"]result['\"]");
    }
}

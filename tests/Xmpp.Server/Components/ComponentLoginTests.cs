using System.Net.Security;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Parley.tests.Xmpp.Server.Peers;
using Parley.tests.Xmpp.Server.Streams;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Components;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Security;

namespace Parley.tests.Xmpp.Server.Components;

/// <summary>External components that log in by SASL and bind hostnames (XEP-0225), on the port of XEP-0114.</summary>
public sealed partial class ComponentLoginTests : IAsyncLifetime
{
    private readonly StreamLimits _limits = new() { CloseTime = TimeSpan.FromMilliseconds(50) };
    private PeerServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PeerServer.StartAsync(
        server => new XmppServerSettings(server, new(), new() { ChannelBinding = true }, new())
        {
            Components =
            [
                new() { Name = "Echo.one.test", Secret = "secret" },
                new() { Name = "foo.one.test", Secret = "secret" },
                new() { Name = "bar.one.test", Secret = "another" },
            ],
            Limits = _limits,
        },
        kestrel => PeerServer.OnLoopback(kestrel, l => l.UseXmppComponents()));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task It_logs_in_by_its_secret_binds_two_names_and_speaks_for_both(string mechanism)
    {
        await using var echo = await LoginAsync(mechanism);
        Assert.Equal("<iq type='result' id='1'><bind xmlns='urn:xmpp:component:0'><hostname>echo.one.test</hostname></bind></iq>", await BindAsync(echo, "ECHO.one.test"));
        Assert.Equal("<iq type='result' id='1'><bind xmlns='urn:xmpp:component:0'><hostname>foo.one.test</hostname></bind></iq>", await BindAsync(echo, "foo.one.test"));
        var ann = await _server.BindAsync("ann@one.test/a");
        foreach (var host in new[] { "echo", "foo" })
        {
            Assert.Null(await ann.SendAsync($"<message to='bot@{host}.one.test' id='m'><body>hi</body></message>"));
            Assert.Contains($"<message to='bot@{host}.one.test' id='m' from='ann@one.test/a'><body>hi</body></message>", await echo.ReadUntilAsync("</message>"), StringComparison.Ordinal);
            await echo.WriteAsync($"<message from='bot@{host}.one.test' to='ann@one.test/a'><body>{host}</body></message>");
            Assert.Equal(host, ((Message)await ann.Stream.NextAsync()).Body);
        }

        Assert.Equal("connected", _server.Get<ExternalComponents>().Read()["foo.one.test"]);
        Assert.Equal("absent", _server.Get<ExternalComponents>().Read()["bar.one.test"]);
    }

    [Fact]
    public async Task What_is_unbound_is_nobody_s_and_the_rest_goes_on()
    {
        await using var echo = await LoginAsync();
        await BindAsync(echo, "echo.one.test");
        await BindAsync(echo, "foo.one.test");
        Assert.Equal("<iq type='result' id='1'/>", await AskAsync(echo, "<unbind xmlns='urn:xmpp:component:0'><hostname>foo.one.test</hostname></unbind>"));
        var ann = await _server.BindAsync("ann@one.test/a");
        Assert.Equal(StanzaCondition.RemoteServerTimeout, await ann.RefusedAsync("<message to='foo.one.test' id='1'/>"));
        Assert.Null(await ann.SendAsync("<message to='echo.one.test' id='2'/>"));
        Assert.Contains("id='2'", await echo.ReadUntilAsync("/>"), StringComparison.Ordinal);
        Assert.Contains("<item-not-found ", await AskAsync(echo, "<unbind xmlns='urn:xmpp:component:0'><hostname>foo.one.test</hostname></unbind>"), StringComparison.Ordinal);
        await echo.WriteAsync("<message from='foo.one.test' to='ann@one.test/a'/>");
        Assert.Contains("<invalid-from ", await echo.ReadToEndAsync(), StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Get<ExternalComponents>().Count == 0);
    }

    [Theory]
    [InlineData("<hostname>bar.one.test</hostname>", "not-allowed")] // another's secret
    [InlineData("<hostname>one.test</hostname>", "not-allowed")]
    [InlineData("<hostname>echo.one.test/r</hostname>", "not-allowed")]
    [InlineData("<hostname>me@echo.one.test</hostname>", "bad-request")]
    [InlineData("<hostname/>", "bad-request")]
    [InlineData("", "bad-request")]
    [InlineData("<hostname>echo.one.test</hostname>", "conflict")] // bound already
    public async Task What_cannot_be_bound_is_refused(string inner, string condition)
    {
        await using var echo = await LoginAsync();
        await BindAsync(echo, "echo.one.test");
        Assert.Contains($"<{condition} ", await AskAsync(echo, $"<bind xmlns='urn:xmpp:component:0'>{inner}</bind>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_begins_with_the_server_s_certificate_and_the_log_in_can_be_bound_to_it()
    {
        await using var echo = await ConnectAsync();
        var features = await OpenAsync(echo);
        Assert.Contains("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", features, StringComparison.Ordinal);
        Assert.DoesNotContain("PLAIN", features, StringComparison.Ordinal);
        await echo.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await echo.ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        SslStream? tls = null;
        echo.Through(s => tls = new SslStream(s));
        await tls!.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "one.test", RemoteCertificateValidationCallback = (_, _, _, _) => true }, TestContext.Current.CancellationToken);
        features = await OpenAsync(echo);
        Assert.DoesNotContain("starttls", features, StringComparison.Ordinal);
        Assert.Contains("<mechanism>PLAIN</mechanism>", features, StringComparison.Ordinal);
        var shown = tls.RemoteCertificate!.GetRawCertData();
        Assert.Equal(_server.Get<CertificateStore>().Select("one.test").RawData, shown);
        await ScramClient.RunAsync(echo, "SCRAM-SHA-256-PLUS", "echo.one.test", "secret", "p=tls-server-end-point,,", SHA256.HashData(shown));
        Assert.Contains("<bind xmlns='urn:xmpp:component:0'><required/></bind>", await OpenAsync(echo), StringComparison.Ordinal);
        Assert.Contains("result", await BindAsync(echo, "echo.one.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_behind_starttls_are_refused()
    {
        await using var echo = await ConnectAsync();
        await OpenAsync(echo);
        await echo.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth/>");
        Assert.Contains("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", await echo.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo.one.test", "wrong", "n,,")]
    [InlineData("nobody.one.test", "secret", "n,,")]
    [InlineData("ann@one.test", "secret", "n,,")]
    [InlineData("echo.one.test", "secret", "n,a=bar.one.test,")]
    public async Task Who_does_not_know_the_secret_of_whom_it_says_it_is_stays_outside(string user, string secret, string gs2)
    {
        await using var stranger = await ConnectAsync();
        await OpenAsync(stranger);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ScramClient.RunAsync(stranger, "SCRAM-SHA-256", user, secret, gs2));
        Assert.Contains(gs2 == "n,," ? "<not-authorized/>" : "<invalid-authzid/>", failure.Message, StringComparison.Ordinal);
        await stranger.WriteAsync("<iq type='set' id='1'><bind xmlns='urn:xmpp:component:0'><hostname>echo.one.test</hostname></bind></iq>");
        Assert.Contains("<not-authorized ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, _server.Get<ExternalComponents>().Count);
    }

    [Fact]
    public async Task Guessing_ends_the_stream()
    {
        await using var stranger = await ConnectAsync();
        await OpenAsync(stranger);
        for (var i = 0; i < _limits.AuthenticationAttempts; i++) await stranger.WriteAsync($"<auth xmlns='{ScramClient.Sasl}' mechanism='X'>=</auth>");
        Assert.Contains("<policy-violation ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two.test", "version='1.0'", null)]
    [InlineData("echo.one.test", "version='1.0'", null)]
    [InlineData("far.test", "version='1.0'", "host-unknown")]
    [InlineData("one.test", "", "unsupported-version")]
    public async Task The_header_names_a_domain_of_the_server_or_the_component(string to, string version, string? condition)
    {
        await using var echo = await ConnectAsync();
        await echo.WriteAsync(echo.Header(to, version));
        if (condition is null) await echo.ReadUntilAsync("</stream:features>");
        else Assert.Contains($"<{condition} ", await echo.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_passes_before_a_name_is_bound_and_a_newcomer_takes_the_place()
    {
        await using var early = await LoginAsync();
        await early.WriteAsync("<message from='echo.one.test' to='ann@one.test/a'/>");
        Assert.Contains("<invalid-from ", await early.ReadToEndAsync(), StringComparison.Ordinal);

        await using var before = await LoginAsync();
        await BindAsync(before, "echo.one.test");
        await BindAsync(before, "foo.one.test");
        await using var old = await PeerClient.ConnectAsync(_server.PortAt(0), Ns.Component); // both protocols know one another
        var header = await old.OpenAsync("echo.one.test");
        await old.WriteAsync($"<handshake>{ComponentHandshake.Digest(IdPattern().Match(header).Groups[1].Value, "secret")}</handshake>");
        Assert.Contains("<conflict ", await before.ReadToEndAsync(), StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Get<ExternalComponents>().Count == 1);
        Assert.Equal("connected", _server.Get<ExternalComponents>().Read()["echo.one.test"]);
    }

    private async Task<PeerClient> LoginAsync(string mechanism = "SCRAM-SHA-256")
    {
        var client = await ConnectAsync();
        await OpenAsync(client);
        await ScramClient.RunAsync(client, mechanism, "echo.one.test", "secret");
        Assert.Contains("<bind xmlns='urn:xmpp:component:0'><required/></bind>", await OpenAsync(client), StringComparison.Ordinal);
        return client;
    }

    private Task<PeerClient> ConnectAsync() => PeerClient.ConnectAsync(_server.PortAt(0), Ns.Client);

    private static async Task<string> OpenAsync(PeerClient client)
    {
        await client.WriteAsync(client.Header("one.test", "from='echo.one.test' version='1.0'"));
        return await client.ReadUntilAsync("</stream:features>");
    }

    private static Task<string> BindAsync(PeerClient client, string host) => AskAsync(client, $"<bind xmlns='urn:xmpp:component:0'><hostname>{host}</hostname></bind>");

    private static async Task<string> AskAsync(PeerClient client, string inner)
    {
        await client.WriteAsync($"<iq type='set' id='1'>{inner}</iq>");
        await client.ReadUntilAsync("<iq ");
        var answer = "<iq " + await client.ReadUntilAsync(">");
        return answer.EndsWith("/>", StringComparison.Ordinal) ? answer : answer + await client.ReadUntilAsync("</iq>");
    }

    [GeneratedRegex("id='([^']+)'")]
    private static partial Regex IdPattern();
}

using System.Net.WebSockets;
using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>Behind a reverse proxy that is trusted, and beside one that is not.</summary>
public sealed class ProxyTests : RunningTest
{
    private const string Here = "http://127.0.0.1:5280";
    private const string HostMeta = Here + "/.well-known/host-meta";

    private static readonly (string, string) PublicName = ("Host", "chat.example.org");
    private static readonly string[] Trusting = ["--Listeners:Http:AllowedOrigins", "https://chat.example.org", "--Listeners:Http:TrustedProxies", "127.0.0.1/32"];

    [Fact]
    public async Task A_trusted_proxy_says_how_its_client_came_and_must()
    {
        await StartAsync(Trusting);

        Assert.Contains("href='wss://chat.example.org/xmpp-websocket'", (await GetAsync(HostMeta, [PublicName, .. From("192.0.2.1")])).Body, StringComparison.Ordinal);
        var (status, _, headers) = await GetAsync(Here + "/meet/room?name=Ann", [PublicName, .. From("192.0.2.1", "http")]);
        Assert.Equal((307, "https://chat.example.org/meet/room?name=Ann"), (status, headers.Location!.ToString()));
        Assert.Equal(403, (await GetAsync(HostMeta, PublicName, ("X-Forwarded-For", "192.0.2.1"))).Status);
        Assert.Equal(200, (await GetAsync(Here + "/healthz", ("X-Forwarded-For", "192.0.2.1"))).Status);
        // Neither its name nor foreign pages come in by it.
        Assert.Equal(403, (await GetAsync(HostMeta, [("Host", "evil.test"), .. From("192.0.2.1")])).Status);
        Assert.Equal(403, (await GetAsync(HostMeta, [PublicName, ("Origin", "https://evil.test"), .. From("192.0.2.1")])).Status);
        Assert.Equal(403, (await GetAsync(HostMeta, [("Host", "evil.test"), ("X-Forwarded-Host", "chat.example.org"), .. From("192.0.2.1")])).Status);
    }

    [Fact]
    public async Task Nobody_behind_a_proxy_is_this_machine()
    {
        await StartAsync(Trusting);

        foreach (var (address, scheme) in from a in (string[])["127.0.0.1", "192.0.2.1", "192.0.2.1, 127.0.0.1", "nonsense"] from s in (string[])["https", "http"] select (a, s))
        {
            Assert.NotEqual(200, (await GetAsync(Here + "/admin/status", From(address, scheme))).Status);
            Assert.NotEqual(200, (await GetAsync(Here + "/metrics", [.. From(address, scheme), ("X-Original-For", "127.0.0.1:1")])).Status);
        }

        Assert.Equal(200, (await GetAsync(Here + "/admin/status")).Status);
        Assert.Equal(404, (await GetAsync(Here + "/admin/status", ("X-Original-Proto", "https"), ("Via", "1.1 proxy"))).Status);
    }

    [Fact]
    public async Task Who_is_not_listed_is_not_believed()
    {
        await StartAsync("--Server:Domain", "chat.test", "--Server:BindAddress", "0.0.0.0", "--Listeners:Http:TrustedProxies", "192.0.2.0/24", "--Limits:RequestsPerSecondPerAddress", "1");

        Assert.Equal(307, (await GetAsync($"http://{NetworkNamespace.Address}:5280/meet/room", From("127.0.0.1"))).Status);
        // Whoever they say they are.
        var asked = 0;
        await AskUntilRefusedAsync($"https://{NetworkNamespace.Address}:5281/.well-known/host-meta", () => From($"203.0.113.{asked++ % 250}"));
    }

    [Fact]
    public async Task A_proxy_on_another_machine_uses_https()
    {
        await StartAsync("--Server:Domain", "chat.test", "--Server:BindAddress", "0.0.0.0", "--Listeners:Http:TrustedProxies", NetworkNamespace.Address + "/32");

        Assert.Equal(403, (await GetAsync($"http://{NetworkNamespace.Address}:5280/.well-known/host-meta", From("192.0.2.1"))).Status);
        Assert.Equal(307, (await GetAsync($"https://{NetworkNamespace.Address}:5281/.well-known/host-meta", From("192.0.2.1", "http"))).Status);
        Assert.Equal(200, (await GetAsync($"https://{NetworkNamespace.Address}:5281/.well-known/host-meta", From("192.0.2.1"))).Status);
    }

    [Fact]
    public async Task Each_address_behind_a_proxy_has_its_own_limits()
    {
        await StartAsync([.. Trusting, "--Limits:RequestsPerSecondPerAddress", "1", "--Limits:StreamsPerAddress", "1"]);

        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        foreach (var (name, value) in From("192.0.2.9")) socket.Options.SetRequestHeader(name, value);
        using var http = new HttpMessageInvoker(Namespace.HttpHandler());
        await socket.ConnectAsync(new Uri("ws://127.0.0.1:5280/xmpp-websocket"), http, Cancelled);
        Assert.Equal(503, (await GetAsync(HostMeta, From("192.0.2.9"))).Status);
        Assert.Equal(200, (await GetAsync(HostMeta, From("192.0.2.8"))).Status);

        await AskUntilRefusedAsync(HostMeta, () => From("2001:db8::1"));
        Assert.Equal(429, (await GetAsync(HostMeta, From("2001:db8::2"))).Status); // the same /64
        Assert.Equal(200, (await GetAsync(HostMeta, From("2001:db8:0:1::1"))).Status);
        Assert.Equal(200, (await GetAsync(HostMeta)).Status);
        await Server.Command.WaitForAsync("Limit met by 2001:db8::", TimeSpan.FromSeconds(30));
        Assert.Equal("open", socket.State.ToString().ToLowerInvariant());
    }

    [Fact]
    public async Task Who_asks_too_often_waits_and_the_call_page_is_for_everybody()
    {
        await StartAsync("--Server:Domain", "chat.test", "--Server:BindAddress", "0.0.0.0", "--Limits:RequestsPerSecondPerAddress", "1");

        var at = $"https://{NetworkNamespace.Address}:5281";
        Assert.Equal(TimeSpan.FromSeconds(1), await AskUntilRefusedAsync(at + "/.well-known/host-meta", () => []));
        Assert.All(await AskAsync(at + "/meet/room", 200), a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await GetAsync(at + "/healthz")).Status);
        // Somebody asks as often as they may from here on, and nobody opens anything meanwhile.
        Assert.Contains(await AskAsync(at + "/xmpp-websocket", 200), a => a.Status == 429);
        Assert.Contains(await AskAsync(at + "/http-bind", 200), a => a.Status == 429);
        Assert.Equal(200, (await GetAsync("http://127.0.0.1:5280/.well-known/host-meta")).Status);
    }

    [Fact]
    public async Task A_proxy_that_nobody_listed_is_told_of()
    {
        await StartAsync("--Listeners:Http:AllowedOrigins", "https://chat.example.org");

        for (var i = 0; i < 3; i++) Assert.Equal(200, (await GetAsync(HostMeta, [PublicName, .. From("192.0.2.1")])).Status);
        const string Told = "not listed in Listeners:Http:TrustedProxies";
        await Server.Command.WaitForAsync(Told, TimeSpan.FromSeconds(30));
        Server.Stop(); // and then all that it says has been said
        Assert.Equal(2, Server.Command.Text.Split(Told).Length);
    }

    private static (string, string)[] From(string address, string scheme = "https") => [("X-Forwarded-For", address), ("X-Forwarded-Proto", scheme)];

    // At one a second as many as may come at once are spent soon, however slow this machine is. Returns what the refusal says.
    private async Task<TimeSpan?> AskUntilRefusedAsync(string url, Func<(string, string)[]> headers)
    {
        for (var i = 0; i < 20; i++)
        {
            if ((await AskAsync(url, 100, headers)).FirstOrDefault(a => a.Status == 429) is { Status: 429 } refused) return refused.Wait;
        }

        throw new Xunit.Sdk.XunitException("Nobody was refused.");
    }

    // By few connections: those have bounds of their own.
    private async Task<(int Status, TimeSpan? Wait)[]> AskAsync(string url, int times, Func<(string, string)[]>? headers = null)
    {
        using var handler = Namespace.HttpHandler();
        handler.MaxConnectionsPerServer = 8;
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(2) };
        return await Task.WhenAll(Enumerable.Range(0, times).Select(_ => OnceAsync(headers?.Invoke() ?? [])));

        async Task<(int, TimeSpan?)> OnceAsync((string Name, string Value)[] said)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url));
            foreach (var (name, value) in said) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await http.SendAsync(request, Cancelled);
            return ((int)answer.StatusCode, answer.Headers.RetryAfter?.Delta);
        }
    }
}

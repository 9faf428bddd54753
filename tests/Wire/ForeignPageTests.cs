using System.Net;
using System.Net.WebSockets;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Bound to loopback, the server trusts what is on this machine: so a page from elsewhere must not be able to speak to it through a visitor's browser.</summary>
public sealed class ForeignPageTests : WireTest
{
    [Fact]
    public async Task Foreign_origins_and_rebound_hosts_are_refused_and_own_ones_are_not()
    {
        await StartAsync();

        foreach (var (host, origin) in ((string, string?)[])[("localhost:5280", "https://evil.example"), ("localhost:5280", "http://localhost.evil.example:5280"), ("localhost:5280", "null"), ("evil.example:5280", "http://evil.example:5280"), ("evil.example", null)])
        {
            var refused = await Assert.ThrowsAnyAsync<WebSocketException>(() => XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost", host, origin));
            Assert.Contains("403", refused.Message);
        }

        foreach (var (host, origin) in ((string, string?)[])[("localhost:5280", null), ("localhost:5280", "http://localhost:5280"), ("127.0.0.1:5280", "http://127.0.0.1:5280"), ("localhost:5280", "http://localhost:3000")])
        {
            await using var client = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost", host, origin);
            Assert.Contains("guest.localhost", await client.LoginAsGuestAsync());
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/meet/room", ("Host", "evil.example:5280"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/meet/room", ("Origin", "https://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/http-bind", ("Origin", "https://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/http-bind", ("Host", "evil.example:5280"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/http-bind", ("Origin", "http://localhost:3000"))).Status); // not a POST
    }

    [Fact]
    public async Task A_link_from_elsewhere_opens_the_preview_and_starts_no_camera()
    {
        await StartAsync();

        foreach (var (site, joins) in ((string?, bool)[])[("none", true), ("same-origin", true), ("cross-site", false), ("same-site", false), (null, false)])
        {
            var (status, body) = await GetAsync("/meet/room?name=Ann&join=now", site is null ? [] : [("Sec-Fetch-Site", site)]);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains($"\"autoJoin\":{(joins ? "true" : "false")}", body);
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var http = Namespace.Http();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://127.0.0.1:5280" + path));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}

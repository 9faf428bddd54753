using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Meet;

namespace Parley.tests.Plugins.Meet;

public sealed class MeetPageTests
{
    private readonly IServerInfo _server = Substitute.For<IServerInfo>();
    private readonly IContributions<ICallRooms> _rooms = Substitute.For<IContributions<ICallRooms>>();
    private readonly MeetOptions _options = new();

    public MeetPageTests()
    {
        _server.Domains.Returns(["one.example", "two.example"]);
        _server.IsLoopbackOnly.Returns(true);
        _server.GuestDomainOf(Arg.Any<string>()).Returns(c => "guest." + c.Arg<string>());
        _server.HttpsPort.Returns(5281);
        _rooms.Items.Returns([]);
    }

    private async Task<DefaultHttpContext> AskAsync(string path, Action<HttpRequest>? with = null)
    {
        var monitor = Substitute.For<IOptionsMonitor<MeetOptions>>();
        monitor.CurrentValue.Returns(_options);
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Host = new HostString("one.example");
        context.Request.PathBase = "/meet";
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();
        with?.Invoke(context.Request);
        var files = new WebFiles();
        await new MeetHandler(files, new PageGuard(files), new PageConfig(_server, _rooms, monitor)).HandleAsync(context);
        return context;
    }

    private static string Body(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private static JsonElement Config(HttpContext context)
    {
        var html = Body(context);
        const string Start = "id=\"parley-config\">";
        var from = html.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonDocument.Parse(html[from..html.IndexOf("</script>", from, StringComparison.Ordinal)]).RootElement;
    }

    [Fact]
    public async Task A_room_says_where_everything_is()
    {
        var context = await AskAsync("/demo", r => r.QueryString = new("?ice=relay"));

        Assert.Equal(200, context.Response.StatusCode);
        Assert.StartsWith("text/html", context.Response.ContentType, StringComparison.Ordinal);
        var config = Config(context);
        Assert.Equal("one.example", config.GetProperty("domain").GetString());
        Assert.Equal("guest.one.example", config.GetProperty("guestDomain").GetString());
        Assert.Equal("calls.one.example", config.GetProperty("callsDomain").GetString());
        Assert.Equal("demo", config.GetProperty("room").GetString());
        Assert.Equal("/xmpp-websocket", config.GetProperty("websocket").GetString());
        Assert.Equal(5281, config.GetProperty("httpsPort").GetInt32());
        Assert.Equal("relay", config.GetProperty("iceTransportPolicy").GetString());
    }

    [Theory]
    [InlineData("TWO.example", "two.example")]
    [InlineData("192.0.2.1", "one.example")]
    public async Task The_domain_is_the_Host_where_that_is_served_else_the_first(string host, string domain)
    {
        var config = Config(await AskAsync("/demo", r => r.Host = new HostString(host, 5280)));

        Assert.Equal(domain, config.GetProperty("domain").GetString());
        Assert.Equal("calls." + domain, config.GetProperty("callsDomain").GetString());
    }

    [Fact]
    public async Task Whoever_serves_the_rooms_says_where_they_are()
    {
        var rooms = Substitute.For<ICallRooms>();
        rooms.DomainOf("one.example").Returns("talk.one.example");
        _rooms.Items.Returns([rooms]);

        Assert.Equal("talk.one.example", Config(await AskAsync("/demo")).GetProperty("callsDomain").GetString());
    }

    [Theory]
    [InlineData(null, true, "none", true)]
    [InlineData(null, true, "same-origin", true)]
    [InlineData(null, true, "same-site", false)]
    [InlineData(null, true, "cross-site", false)]
    [InlineData(null, true, null, false)]
    [InlineData(null, false, "none", false)]
    [InlineData(true, false, "none", true)]
    [InlineData(true, false, "cross-site", false)]
    [InlineData(false, true, "none", false)]
    public async Task Joining_without_a_click_needs_the_setting_and_the_persons_own_hand(bool? setting, bool isLoopback, string? site, bool expected)
    {
        _options.AllowAutoJoin = setting;
        _server.IsLoopbackOnly.Returns(isLoopback);

        var context = await AskAsync("/demo", r =>
        {
            if (site is not null) r.Headers["Sec-Fetch-Site"] = site;
        });

        Assert.Equal(expected, Config(context).GetProperty("autoJoin").GetBoolean());
        Assert.Equal("no-store", context.Response.Headers.CacheControl);
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("203.0.113.5", null, false)]
    [InlineData("203.0.113.5", true, true)]
    public async Task Who_comes_by_a_reverse_proxy_is_not_at_this_machine(string from, bool? setting, bool expected)
    {
        _options.AllowAutoJoin = setting;
        _server.IsLoopbackOnly.Returns(true);

        var context = await AskAsync("/demo", r =>
        {
            r.Headers["Sec-Fetch-Site"] = "none";
            r.HttpContext.Connection.RemoteIpAddress = IPAddress.Parse(from);
        });

        Assert.Equal(expected, Config(context).GetProperty("autoJoin").GetBoolean());
    }

    [Fact]
    public async Task Two_Sec_Fetch_Site_headers_are_no_permission()
    {
        var context = await AskAsync("/demo", r => r.Headers["Sec-Fetch-Site"] = new(["none", "cross-site"]));

        Assert.False(Config(context).GetProperty("autoJoin").GetBoolean());
    }

    [Theory]
    [InlineData("/a b")]
    [InlineData("/a<script>")]
    [InlineData("/a@b")]
    [InlineData("/a\"b")]
    [InlineData("/demo/more")]
    [InlineData("/demo%2Fmore")]
    [InlineData("/-")]
    public async Task Nonsense_is_no_room(string path)
    {
        var context = await AskAsync(path);

        Assert.Equal(404, context.Response.StatusCode);
        Assert.DoesNotContain("parley-config", Body(context), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_no_room() => Assert.Equal(404, (await AskAsync("/" + new string('a', 101))).Response.StatusCode);

    [Fact]
    public async Task A_name_is_led_to_the_form_that_addresses_have()
    {
        var context = await AskAsync("/Große-Runde", r => r.QueryString = new("?name=Ann"));

        Assert.Equal(302, context.Response.StatusCode);
        Assert.Equal("/meet/gro%C3%9Fe-runde?name=Ann", context.Response.Headers.Location);
    }

    [Fact]
    public async Task Nothing_in_a_name_can_end_the_configuration()
    {
        // '<' is refused by RFC 7622; should that ever change, the encoder still stands between.
        _server.GuestDomainOf(Arg.Any<string>()).Returns("</script><script>alert(1)</script>");

        var html = Body(await AskAsync("/demo"));

        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.Equal("</script><script>alert(1)</script>", Config(await AskAsync("/demo")).GetProperty("guestDomain").GetString());
    }

    [Fact]
    public async Task The_page_binds_its_own_hands()
    {
        var context = await AskAsync("/demo", r => r.Host = new HostString("localhost", 5280));
        var headers = context.Response.Headers;

        var csp = headers.ContentSecurityPolicy.ToString();
        foreach (var rule in new[] { "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "ws://localhost:5280" })
        {
            Assert.Contains(rule, csp, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("unsafe", csp, StringComparison.Ordinal);
        Assert.Contains("camera=(self)", headers["Permissions-Policy"].ToString(), StringComparison.Ordinal);
        Assert.Equal("nosniff", headers.XContentTypeOptions);
        Assert.Equal("no-referrer", headers["Referrer-Policy"]);
    }

    [Theory]
    [InlineData("/demo")]
    [InlineData("/")]
    public async Task The_policy_names_the_script_inside_the_page(string path)
    {
        var context = await AskAsync(path);

        var script = Body(context).Split("<script>")[1].Split("</script>")[0];
        Assert.Contains("location.reload()", script, StringComparison.Ordinal);
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"script-src 'self' 'sha256-{hash}';", context.Response.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strange_Host_does_not_get_into_the_policy()
    {
        var context = await AskAsync("/demo", r => r.Host = new HostString("x; script-src *"));

        Assert.DoesNotContain("script-src *", context.Response.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/-/js/main.js", "text/javascript; charset=utf-8")]
    [InlineData("/-/js/xmpp/client.js", "text/javascript; charset=utf-8")]
    [InlineData("/-/css/call.css", "text/css; charset=utf-8")]
    [InlineData("/-/icon.svg", "image/svg+xml")]
    public async Task Files_come_with_their_type_and_are_not_sent_twice(string path, string type)
    {
        var first = await AskAsync(path);
        Assert.Equal(200, first.Response.StatusCode);
        Assert.Equal(type, first.Response.ContentType);
        Assert.NotEqual(0, first.Response.Body.Length);

        var again = await AskAsync(path, r => r.Headers.IfNoneMatch = first.Response.Headers.ETag);
        Assert.Equal(304, again.Response.StatusCode);
        Assert.Equal(0, again.Response.Body.Length);
    }

    [Theory]
    [InlineData("/-/js/../room.html")]
    [InlineData("/-/room.html")]
    [InlineData("/-/nothing.js")]
    [InlineData("/-/jsconfig.json")]
    [InlineData("/-/")]
    public async Task Other_files_do_not_exist(string path) => Assert.Equal(404, (await AskAsync(path)).Response.StatusCode);

    [Fact]
    public async Task Every_file_that_a_page_or_module_names_exists()
    {
        var files = new WebFiles();
        var seen = new HashSet<string>();
        var open = new Queue<string>(["room.html", "landing.html", "not-found.html"]);
        while (open.TryDequeue(out var name))
        {
            if (!seen.Add(name)) continue;
            var text = files.Text(name);
            foreach (System.Text.RegularExpressions.Match m in System.Text.RegularExpressions.Regex.Matches(text, "(?:src|href)=\"/meet/-/([^\"]+)\"|^import [^;]*?from '([^']+)'", System.Text.RegularExpressions.RegexOptions.Multiline))
            {
                open.Enqueue(m.Groups[1].Success ? m.Groups[1].Value : new Uri(new Uri("http://h/" + name), m.Groups[2].Value).AbsolutePath[1..]);
            }
        }

        Assert.True(seen.Count > 30, string.Join(' ', seen));
        Assert.Equal(200, (await AskAsync("/")).Response.StatusCode);
    }

    [Fact]
    public async Task Only_reading_is_allowed()
    {
        var context = await AskAsync("/demo", r => r.Method = "POST");

        Assert.Equal(405, context.Response.StatusCode);
        Assert.Equal("GET, HEAD", context.Response.Headers.Allow);
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugins.FocusAgent;

namespace Parley.tests.Plugins.FocusAgent.Recording;

/// <summary>Recordings over HTTP: by links that are given, and by nothing else.</summary>
public sealed class RecordingPageTests
{
    [Fact]
    public async Task A_link_lists_a_rooms_recordings_and_gives_their_files_whole_and_in_parts()
    {
        await using var lab = await RecordedAsync();
        var token = TokenOf(lab, "tea@calls.example.org");
        var (status, page, headers) = await GetAsync(lab, $"/{token}/");
        Assert.Equal((200, "text/html; charset=utf-8"), (status, headers.ContentType.ToString()));
        Assert.Contains("begun by &lt;Ann&gt;", page, StringComparison.Ordinal);
        Assert.Contains("sandbox", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
        var id = lab.Desk.List()[0].Id;
        Assert.Contains($"\"{id}/index.json\"", page, StringComparison.Ordinal);
        Assert.StartsWith("[", (await GetAsync(lab, $"/{token}/", accept: "application/json")).Body, StringComparison.Ordinal);

        (status, var body, headers) = await GetAsync(lab, $"/{token}/{id}/001.webm");
        Assert.Equal((200, "0123456789", "video/webm"), (status, body, headers.ContentType.ToString()));
        (status, body, _) = await GetAsync(lab, $"/{token}/{id}/001.webm", range: "bytes=3-5");
        Assert.Equal((206, "345"), (status, body));
        Assert.Equal(200, (await GetAsync(lab, $"/{TokenOf(lab, null)}/{id}/001.webm")).Status);
    }

    [Fact]
    public async Task Nothing_is_given_for_other_rooms_over_or_forged_links_or_other_paths()
    {
        await using var lab = await RecordedAsync();
        var id = lab.Desk.List()[0].Id;
        var (own, other) = (TokenOf(lab, "tea@calls.example.org"), TokenOf(lab, "coffee@calls.example.org"));
        Assert.Equal(404, (await GetAsync(lab, $"/{other}/{id}/001.webm")).Status);
        Assert.DoesNotContain(id, (await GetAsync(lab, $"/{other}/")).Body, StringComparison.Ordinal);
        foreach (var path in new[] { "", "/", "/x/", $"/{own[..^1]}{(own[^1] == 'A' ? 'B' : 'A')}/", $"/{own}A/", $"/{new string('A', 64)}/" }) Assert.Equal(403, (await GetAsync(lab, path)).Status);
        foreach (var path in new[] { "../index.json", $"{id}/../{id}/001.webm", $"{id}/..", $"{id}/index.json.new", $"{id}/.webm", $"{id}/002.webm", $"{id}/", $"..{id[2..]}/001.webm", "/etc/passwd" })
            Assert.Equal(404, (await GetAsync(lab, $"/{own}/{path}")).Status);
        Assert.Equal(405, (await GetAsync(lab, $"/{own}/", method: "DELETE")).Status);
        lab.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(403, (await GetAsync(lab, $"/{own}/{id}/001.webm")).Status);
        lab.Options.Recording.Enabled = false;
        Assert.Equal(404, (await GetAsync(lab, $"/{TokenOf(lab, "tea@calls.example.org")}/")).Status);
    }

    private static async Task<CallLab> RecordedAsync()
    {
        var options = new FocusAgentOptions();
        options.Recording.Enabled = true;
        var lab = new CallLab(options);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(nick: "&lt;Ann&gt;");
        Assert.Null(await lab.Desk.RunAsync(ann.Room, true, ann.Jid, ann.Kind, CancellationToken.None));
        await lab.SettleAsync();
        await File.WriteAllTextAsync(Path.Combine(lab.Relay.Requests[^1].Recording!.Directory, "001.webm"), "0123456789");
        return lab;
    }

    private static string TokenOf(CallLab lab, string? room)
    {
        var link = lab.Desk.Link(room is null ? null : Parley.Xmpp.Core.Addressing.Jid.Parse(room))!;
        Assert.StartsWith("https://example.org:5281/recordings/", link, StringComparison.Ordinal);
        return link.Split('/')[4];
    }

    private static async Task<(int Status, string Body, IHeaderDictionary Headers)> GetAsync(CallLab lab, string path, string? range = null, string? accept = null, string method = "GET")
    {
        using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = method;
        context.Request.PathBase = "/recordings";
        context.Request.Path = path;
        if (range is not null) context.Request.Headers.Range = range;
        if (accept is not null) context.Request.Headers.Accept = accept;
        var body = new MemoryStream();
        context.Response.Body = body;
        await lab.Pages.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()), context.Response.Headers);
    }
}

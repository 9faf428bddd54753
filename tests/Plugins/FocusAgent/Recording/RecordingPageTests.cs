using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

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

    [Fact]
    public async Task Who_moderates_by_having_come_first_has_the_recordings_of_this_call_and_not_of_those_before()
    {
        await using var lab = await RecordedAsync();
        var before = lab.Desk.List()[0].Id;
        await lab.Rooms.Rooms[0].PostAsync(() => lab.Rooms.Rooms[0].EndAll(LegEnd.ConferenceGone), TestContext.Current.CancellationToken);
        await lab.SettleAsync();
        Assert.Empty(lab.Rooms.Rooms);
        lab.Clock.Advance(TimeSpan.FromMinutes(5));

        var eve = await new Client(lab, "eve@example.org/web").JoinAsync();
        Assert.Null(await lab.Desk.RunAsync(eve.Room, true, eve.Jid, eve.Kind, TestContext.Current.CancellationToken));
        await lab.SettleAsync();
        var own = lab.Desk.List()[1].Id;
        await File.WriteAllTextAsync(Path.Combine(lab.Relay.Requests[^1].Recording!.Directory, "001.webm"), "hers", TestContext.Current.CancellationToken);
        Assert.Equal(own, Assert.Single(await LinkedAsync(lab, eve, before)));

        // Reserving the room gives nothing of what was before either, and keeps what has come since.
        await lab.Reservations.ReserveAsync(eve.Jid.Bare, eve.Room, lab.Clock.GetUtcNow().AddHours(1), TestContext.Current.CancellationToken);
        Assert.Equal(own, Assert.Single(await LinkedAsync(lab, eve, before)));

        // Whom the operator names has all of them.
        lab.Options.Rooms["tea"] = new RoomOptions { Moderators = ["eve@example.org"] };
        Assert.Equal([before, own], await LinkedAsync(lab, eve, null));
    }

    [Fact]
    public async Task A_link_that_is_asked_too_often_is_told_to_wait_and_others_are_not()
    {
        await using var lab = await RecordedAsync();
        var (busy, other) = (TokenOf(lab, "tea@calls.example.org"), TokenOf(lab, null));
        for (var i = 0; i < ListingPaces.Burst; i++) Assert.Equal(200, (await GetAsync(lab, $"/{busy}/")).Status);
        var (status, _, headers) = await GetAsync(lab, $"/{busy}/");
        Assert.Equal((429, "3"), (status, headers.RetryAfter.ToString()));
        Assert.Equal(200, (await GetAsync(lab, $"/{other}/")).Status);
        // Files are not lists: a player asks for many parts.
        for (var i = 0; i < 50; i++) Assert.Equal(206, (await GetAsync(lab, $"/{busy}/{lab.Desk.List()[0].Id}/001.webm", range: "bytes=3-5")).Status);
        lab.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(200, (await GetAsync(lab, $"/{busy}/")).Status);
    }

    [Fact]
    public async Task Many_recordings_come_on_pages_and_what_did_not_change_is_not_read_again()
    {
        await using var lab = await RecordedAsync();
        var (token, root) = (TokenOf(lab, "tea@calls.example.org"), Path.GetDirectoryName(lab.Relay.Requests[^1].Recording!.Directory)!);
        var start = lab.Clock.GetUtcNow().AddDays(-9);
        for (var i = 0; i < 130; i++)
        {
            // Every tenth is of another room.
            var directory = Directory.CreateDirectory(Path.Combine(root, $"20250101-00{i / 60:00}{i % 60:00}-{i:x12}")).FullName;
            RecordingArea.Write(directory, new(Path.GetFileName(directory), i % 10 == 0 ? "coffee@calls.example.org" : "tea@calls.example.org", "Ann", start.AddSeconds(i), start.AddSeconds(i + 1), "stopped", [], [], []));
        }

        var pages = new List<string[]>();
        for (var next = ""; next is not null;)
        {
            var (status, body, headers) = await GetAsync(lab, $"/{token}/", accept: "application/json", query: next);
            Assert.Equal(200, status);
            pages.Insert(0, [.. JsonDocument.Parse(body).RootElement.EnumerateArray().Select(r => r.GetProperty("id").GetString()!)]);
            next = headers.Link.Count == 0 ? null : Regex.Match(headers.Link.ToString(), "^<([?]before=[0-9a-f-]+)>; rel=\"next\"$").Groups[1].Value;
        }

        // 117 of this room, and the one that runs.
        Assert.Equal([18, RecordingPages.PageSize, RecordingPages.PageSize], pages.Select(p => p.Length));
        Assert.Equal(pages.SelectMany(p => p), lab.Desk.List(Jid.Parse("tea@calls.example.org"), DateTimeOffset.MinValue).Select(r => r.Id));
        Assert.Equal(130, lab.Recordings.Indices.Reads);
        Assert.Contains("<a rel=\"next\" href=\"?before=", (await GetAsync(lab, $"/{token}/")).Body, StringComparison.Ordinal);
        Assert.Equal(400, (await GetAsync(lab, $"/{token}/", query: "?before=../x")).Status);

        // One that has changed is read, and one that is gone is not listed.
        var (changed, gone) = (Path.Combine(root, pages[0][0]), Path.Combine(root, pages[0][1]));
        RecordingArea.Write(changed, RecordingArea.Read(changed)! with { StartedBy = "Somebody else" });
        Directory.Delete(gone, recursive: true);
        var listed = lab.Recordings.List(null, DateTimeOffset.MinValue);
        Assert.Equal((131, "Somebody else"), (lab.Recordings.Indices.Reads, listed.Single(r => r.Id == pages[0][0]).StartedBy));
        Assert.DoesNotContain(pages[0][1], listed.Select(r => r.Id));
    }

    // What somebody's link shows, and that it gives no file of another recording.
    private static async Task<IReadOnlyList<string>> LinkedAsync(CallLab lab, Client client, string? hidden)
    {
        var answer = await new RecordingHandler(lab.Desk).HandleAsync(new IqRequest(
            Iq.Request("get", "1", client.Jid, client.Room, new Element("recordings", RecordingNames.Namespace)),
            new SenderInfo(client.Kind, "s1"), "example.org"), TestContext.Current.CancellationToken);
        var token = answer.Iq!.Payload!["href"]!.Split('/')[4];
        var listed = JsonDocument.Parse((await GetAsync(lab, $"/{token}/", accept: "application/json")).Body).RootElement.EnumerateArray().Select(r => r.GetProperty("id").GetString()!).ToList();
        Assert.Equal(listed, answer.Iq.Payload.Children.Select(r => r["id"]!));
        foreach (var id in listed) Assert.Equal(200, (await GetAsync(lab, $"/{token}/{id}/001.webm")).Status);
        if (hidden is not null) Assert.Equal(404, (await GetAsync(lab, $"/{token}/{hidden}/001.webm")).Status);
        return listed;
    }

    private static async Task<CallLab> RecordedAsync()
    {
        var options = new FocusAgentOptions();
        options.Recording.Enabled = true;
        var lab = new CallLab(options);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(nick: "&lt;Ann&gt;");
        Assert.Null(await lab.Desk.RunAsync(ann.Room, true, ann.Jid, ann.Kind, TestContext.Current.CancellationToken));
        await lab.SettleAsync();
        await File.WriteAllTextAsync(Path.Combine(lab.Relay.Requests[^1].Recording!.Directory, "001.webm"), "0123456789");
        return lab;
    }

    private static string TokenOf(CallLab lab, string? room)
    {
        var link = lab.Desk.Link(room is null ? null : Jid.Parse(room))!;
        Assert.StartsWith("https://example.org:5281/recordings/", link, StringComparison.Ordinal);
        return link.Split('/')[4];
    }

    private static async Task<(int Status, string Body, IHeaderDictionary Headers)> GetAsync(CallLab lab, string path, string? range = null, string? accept = null, string method = "GET", string query = "")
    {
        using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = method;
        context.Request.PathBase = "/recordings";
        context.Request.Path = path;
        context.Request.QueryString = new(query);
        if (range is not null) context.Request.Headers.Range = range;
        if (accept is not null) context.Request.Headers.Accept = accept;
        var body = new MemoryStream();
        context.Response.Body = body;
        await lab.Pages.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()), context.Response.Headers);
    }
}

using System.Text;
using Dapper;
using Parley.Plugins.Upload;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Upload;

/// <summary>Files on their way in and out over HTTP.</summary>
public sealed class TransferTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"line {i}\n")));

    [Fact]
    public async Task What_is_put_is_there_to_get_once_and_as_it_was()
    {
        await using var lab = await new UploadLab().StartAsync();
        var (put, get) = await lab.SlotAsync("très cool.txt", Content.Length, "text/plain");
        Assert.Equal(404, (await lab.HttpAsync("GET", get)).StatusCode);

        Assert.Equal(201, (await lab.PutAsync(put, Content, "text/plain;charset=utf-8")).StatusCode);

        var response = await lab.HttpAsync("GET", get);
        Assert.Equal(200, response.StatusCode);
        Assert.Equal(Content, UploadLab.BodyOf(response));
        Assert.Equal("text/plain; charset=utf-8", response.ContentType);
        Assert.StartsWith("inline; filename=", response.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        Assert.Contains("filename*=UTF-8''tr%C3%A8s%20cool.txt", response.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.XContentTypeOptions);
        Assert.Equal("default-src 'none'; sandbox; frame-ancestors 'none'", response.Headers.ContentSecurityPolicy);
        Assert.Equal("*", response.Headers.AccessControlAllowOrigin);
        // Nobody writes there again, and the one address does not do what the other does.
        Assert.Equal(404, (await lab.PutAsync(put, Content, "text/plain")).StatusCode);
        Assert.Equal(404, (await lab.HttpAsync("GET", put)).StatusCode);
        Assert.Equal(404, (await lab.PutAsync(get, Content, "text/plain")).StatusCode);
        Assert.Equal(1, lab.Use.Received);
        Assert.Single(lab.Files);
    }

    [Theory]
    [InlineData(-1, null, 400)]
    [InlineData(1, null, 413)]
    [InlineData(null, null, 411)]
    [InlineData(0, "image/png", 415)]
    [InlineData(0, "no type", 415)]
    public async Task Anything_but_what_was_announced_is_refused_and_nothing_is_kept(int? difference, string? type, int status)
    {
        await using var lab = await new UploadLab().StartAsync();
        var (put, get) = await lab.SlotAsync("a.txt", Content.Length, "text/plain");

        var response = await lab.HttpAsync("PUT", put, new MemoryStream(Content), r =>
        {
            r.ContentLength = Content.Length + difference;
            r.ContentType = type;
        });

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(404, (await lab.HttpAsync("GET", get)).StatusCode);
        Assert.Empty(lab.Files);
        Assert.Equal(201, (await lab.PutAsync(put, Content)).StatusCode); // the slot is still good
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_body_that_is_not_as_long_as_it_says_leaves_nothing(int length)
    {
        await using var lab = await new UploadLab().StartAsync();
        var (put, get) = await lab.SlotAsync("a.bin", length);

        Assert.Equal(400, (await lab.PutAsync(put, new byte[length - 1], length: length)).StatusCode);
        Assert.Equal(400, (await lab.PutAsync(put, new byte[length + 1], length: length)).StatusCode);

        Assert.Empty(lab.Files);
        Assert.Equal(404, (await lab.HttpAsync("GET", get)).StatusCode);
        Assert.Equal(2, lab.Use.Broken);
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_nothing_and_a_second_try_succeeds()
    {
        await using var lab = await new UploadLab().StartAsync();
        var (put, get) = await lab.SlotAsync("a.txt", Content.Length);

        await Assert.ThrowsAsync<IOException>(() => lab.HttpAsync("PUT", put, new BreakingStream(Content[..500]), r => r.ContentLength = Content.Length));
        Assert.Empty(lab.Files);

        Assert.Equal(201, (await lab.PutAsync(put, Content)).StatusCode);
        Assert.Equal(Content, UploadLab.BodyOf(await lab.HttpAsync("GET", get)));
    }

    [Fact]
    public async Task Two_at_once_do_not_share_a_slot()
    {
        await using var lab = await new UploadLab().StartAsync();
        var (put, get) = await lab.SlotAsync("a.txt", Content.Length);
        var gate = new TaskCompletionSource();
        var body = new WaitingStream(Content, gate.Task);
        var first = lab.HttpAsync("PUT", put, body, r => r.ContentLength = Content.Length);
        await body.Asked.Task;

        Assert.Equal(404, (await lab.PutAsync(put, new byte[Content.Length])).StatusCode);
        gate.SetResult();

        Assert.Equal(201, (await first).StatusCode);
        Assert.Equal(Content, UploadLab.BodyOf(await lab.HttpAsync("GET", get)));
    }

    [Theory]
    [InlineData("bytes=10-19", 206, 10, 10)]
    [InlineData("bytes=1500-", 206, 1500, -1)]
    [InlineData("bytes=-7", 206, -7, 7)]
    [InlineData("bytes=99999-", 416, 0, 0)]
    public async Task A_part_can_be_read(string range, int status, int start, int count)
    {
        await using var lab = await new UploadLab().StartAsync();
        var get = await UploadAsync(lab, "a.txt", "text/plain");
        if (start < 0) start += Content.Length;
        if (count < 0) count = Content.Length - start;

        var response = await lab.HttpAsync("GET", get, change: r => r.Headers.Range = range);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(Content.AsSpan(start, count).ToArray(), UploadLab.BodyOf(response));
        Assert.Equal(status == 206 ? $"bytes {start}-{start + count - 1}/{Content.Length}" : $"bytes */{Content.Length}", response.Headers.ContentRange);
    }

    [Fact]
    public async Task A_download_that_goes_on_names_what_it_has()
    {
        await using var lab = await new UploadLab().StartAsync();
        var get = await UploadAsync(lab, "a.txt", "text/plain");
        var tag = (await lab.HttpAsync("HEAD", get)).Headers.ETag.ToString();

        var same = await lab.HttpAsync("GET", get, change: r => (r.Headers.Range, r.Headers.IfRange) = ("bytes=5-", tag));
        var other = await lab.HttpAsync("GET", get, change: r => (r.Headers.Range, r.Headers.IfRange) = ("bytes=5-", "\"other\""));
        var known = await lab.HttpAsync("GET", get, change: r => r.Headers.IfNoneMatch = tag);

        Assert.Equal((206, 200, 304), (same.StatusCode, other.StatusCode, known.StatusCode));
        Assert.Equal(Content, UploadLab.BodyOf(other));
    }

    [Fact]
    public async Task A_head_tells_all_but_the_content()
    {
        await using var lab = await new UploadLab().StartAsync();
        var get = await UploadAsync(lab, "a.png", "image/png");

        var response = await lab.HttpAsync("HEAD", get);

        Assert.Equal((200, (long?)Content.Length, "image/png"), (response.StatusCode, response.ContentLength, response.ContentType));
        Assert.Empty(UploadLab.BodyOf(response));
    }

    [Theory]
    [InlineData("image/png", "image/png", true)]
    [InlineData("audio/ogg", "audio/ogg", true)]
    [InlineData("video/mp4", "video/mp4", true)]
    [InlineData("text/plain", "text/plain; charset=utf-8", true)]
    [InlineData("image/svg+xml", "image/svg+xml", false)]
    [InlineData("IMAGE/SVG+XML", "image/svg+xml", false)]
    [InlineData("text/html", "application/octet-stream", false)]
    [InlineData("application/xhtml+xml", "application/octet-stream", false)]
    [InlineData("application/javascript", "application/octet-stream", false)]
    [InlineData("application/pdf", "application/pdf", false)]
    [InlineData(null, "application/octet-stream", false)]
    public async Task Only_what_cannot_act_is_shown_in_place(string? type, string served, bool isInline)
    {
        await using var lab = await new UploadLab().StartAsync();

        var response = await lab.HttpAsync("GET", await UploadAsync(lab, "x", type));

        Assert.Equal(served, response.ContentType);
        Assert.StartsWith(isInline ? "inline" : "attachment", response.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/short/a.txt")]
    [InlineData("/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/a.txt")]
    [InlineData("/../../../../../../etc/passwd/....")]
    [InlineData("/%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4/x")]
    public async Task What_nobody_gave_is_not_there(string path)
    {
        await using var lab = await new UploadLab().StartAsync();

        foreach (var method in (string[])["GET", "HEAD", "PUT"]) Assert.Equal(404, (await lab.HttpAsync(method, path, change: r => r.ContentLength = 0)).StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_another_files_is_not_found_either()
    {
        await using var lab = await new UploadLab().StartAsync();
        var get = await UploadAsync(lab, "a.txt", null);

        Assert.Equal(404, (await lab.HttpAsync("GET", get[..^5] + "b.txt")).StatusCode);
    }

    [Fact]
    public async Task Web_clients_of_other_origins_are_let_in_and_other_methods_not()
    {
        await using var lab = await new UploadLab().StartAsync();

        var preflight = await lab.HttpAsync("OPTIONS", "/x/y");
        var delete = await lab.HttpAsync("DELETE", "/x/y");

        Assert.Equal((204, 405), (preflight.StatusCode, delete.StatusCode));
        Assert.Contains("PUT", preflight.Headers.AccessControlAllowMethods.ToString(), StringComparison.Ordinal);
        Assert.Contains("Content-Type", preflight.Headers.AccessControlAllowHeaders.ToString(), StringComparison.Ordinal);
        Assert.False(preflight.Headers.ContainsKey("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Slots_and_files_go_when_their_time_is_over()
    {
        await using var lab = await new UploadLab(new UploadOptions { Lifetime = TimeSpan.FromDays(2) }).StartAsync();
        var (unused, _) = await lab.SlotAsync("a.txt", Content.Length);
        var get = await UploadAsync(lab, "kept.txt", null);
        var soon = await UploadAsync(lab, "soon.txt", null, new Element("ephemeral", "urn:xmpp:http:upload:purpose:0").Attr("expire-before", lab.Time.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null)));
        lab.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(404, (await lab.PutAsync(unused, Content)).StatusCode);
        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((2, 2L * Content.Length), (lab.Use.Files, lab.Use.Bytes));

        lab.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(404, (await lab.HttpAsync("GET", soon)).StatusCode);
        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
        Assert.Single(lab.Files);
        Assert.Equal(200, (await lab.HttpAsync("GET", get)).StatusCode);

        lab.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(404, (await lab.HttpAsync("GET", get)).StatusCode);
        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
        Assert.Empty(lab.Files);
        Assert.Equal((0, 0), (lab.Use.Files, lab.Use.Bytes));
    }

    [Fact]
    public async Task What_was_uploaded_counts_for_the_day_however_soon_it_went_and_takes_no_room()
    {
        await using var lab = await new UploadLab(new UploadOptions { MaxFileBytes = 2000, FilesPerDay = 2, BytesPerAccount = 2000 }).StartAsync();
        await lab.SlotAsync("never used", 2000);
        lab.Time.Advance(TimeSpan.FromMinutes(6));
        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
        async Task UploadBrieflyAsync()
        {
            var before = new Element("ephemeral", "urn:xmpp:http:upload:purpose:0").Attr("expire-before", lab.Time.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null));
            var (put, _) = await lab.SlotAsync("soon", 2000, purpose: before);
            Assert.Equal(201, (await lab.PutAsync(put, new byte[2000])).StatusCode);
            lab.Time.Advance(TimeSpan.FromMinutes(11));
            await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
            Assert.Empty(lab.Files);
            Assert.Equal((0, 0), (lab.Use.Files, lab.Use.Bytes));
        }

        var start = lab.Time.GetUtcNow();
        await UploadBrieflyAsync();
        await UploadBrieflyAsync();

        var error = StanzaError.Of(await lab.RequestAsync("third", "1"));
        Assert.Equal((StanzaCondition.ResourceConstraint, start.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null)), (error.Condition, error.Application!["stamp"]));
        lab.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(20));
        await UploadBrieflyAsync();
        lab.Time.Advance(TimeSpan.FromDays(1));
        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await lab.Database.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM upload_files"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Many_expired_files_go_batch_by_batch()
    {
        await using var lab = await new UploadLab(new UploadOptions { FilesPerDay = 1000 }).StartAsync();
        for (var i = 0; i < 450; i++) await lab.SlotAsync("a.txt", 1);
        lab.Time.Advance(TimeSpan.FromMinutes(6));

        await lab.Purge.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, lab.Use.Files);
    }

    [Fact]
    public async Task What_a_removed_account_left_on_the_disk_is_swept_up()
    {
        await using var lab = await new UploadLab().StartAsync();
        await UploadAsync(lab, "a.txt", null);
        var ben = await lab.SlotAsync("b.txt", Content.Length, from: "ben@one.test/b");
        await lab.PutAsync(ben.Put, Content);
        await lab.RemoveAsync("ann@one.test");

        lab.Time.Advance(TimeSpan.FromHours(4));
        for (var part = 0; part < 256; part++) await lab.Purge.RunAsync(TestContext.Current.CancellationToken);

        Assert.Single(lab.Files);
        Assert.Equal(200, (await lab.HttpAsync("GET", ben.Get)).StatusCode);
    }

    private static async Task<string> UploadAsync(UploadLab lab, string name, string? type, Element? purpose = null)
    {
        var (put, get) = await lab.SlotAsync(name, Content.Length, type, purpose: purpose);
        Assert.Equal(201, (await lab.PutAsync(put, Content, type)).StatusCode);
        return get;
    }

    private sealed class BreakingStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("The connection broke.");
    }

    private sealed class WaitingStream(byte[] content, Task gate) : MemoryStream(content)
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            await gate;
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}

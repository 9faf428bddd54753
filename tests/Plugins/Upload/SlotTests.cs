using Parley.Plugin.Abstractions;
using Parley.Plugins.Upload;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Upload;

/// <summary>Slots (XEP-0363 sections 3 to 6).</summary>
public sealed class SlotTests
{
    [Fact]
    public async Task A_slot_has_two_unguessable_addresses_that_keep_the_files_name()
    {
        await using var lab = await new UploadLab().StartAsync();

        var answer = await lab.RequestAsync("très cool #1.jpg", "23456", "image/jpeg");

        var put = answer.Payload!.Child("put")!["url"]!;
        var get = answer.Payload.Child("get")!["url"]!;
        Assert.StartsWith("https://one.test:5281/upload/", get, StringComparison.Ordinal);
        Assert.EndsWith("/tr%C3%A8s%20cool%20%231.jpg", get, StringComparison.Ordinal);
        Assert.EndsWith("/tr%C3%A8s%20cool%20%231.jpg", put, StringComparison.Ordinal);
        Assert.NotEqual(put, get);
        Assert.Equal(32, new Uri(get).Segments[2].TrimEnd('/').Length);
    }

    [Theory]
    [InlineData(443, null, "https://one.test/upload/")]
    [InlineData(5281, "https://files.example.org/share/", "https://files.example.org/share/")]
    [InlineData(null, "https://files.example.org/share", "https://files.example.org/share/")]
    public async Task The_address_is_where_people_reach_it(int? port, string? url, string start)
    {
        await using var lab = await new UploadLab(new UploadOptions { BaseUrl = url }, port).StartAsync();

        Assert.StartsWith(start, (await lab.RequestAsync("a", "1")).Payload!.Child("get")!["url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_https_there_is_none()
    {
        await using var lab = await new UploadLab(httpsPort: null).StartAsync();

        Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(await lab.RequestAsync("a", "1")).Condition);
    }

    [Theory]
    [InlineData("", "1", null)]
    [InlineData("..", "1", null)]
    [InlineData("a/b", "1", null)]
    [InlineData("a\\b", "1", null)]
    [InlineData("a\nb", "1", null)]
    [InlineData("invoice\u202Efdp.exe", "1", null)]
    [InlineData("invoice\u2067fdp.exe", "1", null)]
    [InlineData("a\u2028b", "1", null)]
    [InlineData("a", "0", null)]
    [InlineData("a", "-1", null)]
    [InlineData("a", "1.5", null)]
    [InlineData("a", "99999999999999999999", null)]
    [InlineData("a", "", null)]
    [InlineData("a", "1", "no type")]
    [InlineData("a", "1", "text/html\r\nX: y")]
    public async Task What_is_no_file_is_a_bad_request(string name, string size, string? type)
    {
        await using var lab = await new UploadLab().StartAsync();

        Assert.Equal(StanzaCondition.BadRequest, StanzaError.Of(await lab.RequestAsync(name, size, type)).Condition);
        Assert.Equal(1, lab.Use.Refused);
    }

    [Fact]
    public async Task Names_have_a_length()
    {
        await using var lab = await new UploadLab().StartAsync();

        Assert.Equal("result", (await lab.RequestAsync(new string('x', 255), "1")).Type);
        Assert.Equal("error", (await lab.RequestAsync(new string('x', 256), "1")).Type);
        Assert.Equal("result", (await lab.RequestAsync("😀.png", "1")).Type);
    }

    [Theory]
    [InlineData(SenderKind.Remote, "x@far.test/r")]
    [InlineData(SenderKind.Guest, "g@guest.one.test/r")]
    public async Task Nobody_else_uploads_here(SenderKind kind, string from)
    {
        await using var lab = await new UploadLab().StartAsync();

        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await lab.RequestAsync("a", "1", kind: kind, from: from)).Condition);
    }

    [Fact]
    public async Task What_is_too_large_is_told_the_limit_that_discovery_tells_too()
    {
        await using var lab = await new UploadLab(new UploadOptions { MaxFileBytes = 5000 }).StartAsync();

        var error = StanzaError.Of(await lab.RequestAsync("a", "5001"));

        Assert.Equal((StanzaCondition.NotAcceptable, "5000"), (error.Condition, error.Application!.Child("max-file-size")!.Value));
        var info = lab.Component.Describe("upload.one.test", null)!;
        Assert.Equal(("store", "file"), (info.Identities[0].Category, info.Identities[0].Type));
        Assert.Equal(("urn:xmpp:http:upload:0", "5000"), (info.Forms[0].FormType, info.Forms[0].Value("max-file-size")));
        Assert.Null(lab.Component.Describe("x@upload.one.test", null));
    }

    [Fact]
    public async Task A_days_quota_is_told_with_the_time_at_which_there_is_more()
    {
        await using var lab = await new UploadLab(new UploadOptions { MaxFileBytes = 2000, BytesPerDay = 3000, SlotLifetime = TimeSpan.FromHours(25) }).StartAsync();
        await lab.SlotAsync("a", 2000);
        lab.Time.Advance(TimeSpan.FromHours(1));

        var error = StanzaError.Of(await lab.RequestAsync("b", "1500"));

        Assert.Equal((StanzaCondition.ResourceConstraint, StanzaErrorType.Wait), (error.Condition, error.Type));
        Assert.Equal(lab.Time.GetUtcNow().AddHours(23).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null), error.Application!["stamp"]);
        await lab.SlotAsync("small", 1000);
        await lab.SlotAsync("another person's", 2000, from: "ben@one.test/b");
        lab.Time.Advance(TimeSpan.FromHours(23.5));
        await lab.SlotAsync("b", 1500);
    }

    [Fact]
    public async Task The_number_of_files_a_day_their_room_and_that_of_all_accounts_are_bounded()
    {
        await using var lab = await new UploadLab(new UploadOptions { MaxFileBytes = 1000, FilesPerDay = 2, BytesPerDay = 100_000, BytesPerAccount = 1500, BytesOfAll = 2600 }).StartAsync();
        async Task<StanzaCondition?> TryAsync(int size, string from) => await lab.RequestAsync("a", size.ToString(System.Globalization.CultureInfo.InvariantCulture), from: from) is { IsError: true } e ? StanzaError.Of(e).Condition : null;

        Assert.Null(await TryAsync(1000, "ann@one.test/a"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await TryAsync(600, "ann@one.test/a"));
        Assert.Null(await TryAsync(1, "ann@one.test/a"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await TryAsync(1, "ann@one.test/a"));
        Assert.Null(await TryAsync(1000, "ben@one.test/b"));
        lab.Settings.BytesPerAccount = 5000;
        Assert.Equal(StanzaCondition.ResourceConstraint, await TryAsync(600, "ben@one.test/b")); // nobody has that much room any more
        Assert.Null(await TryAsync(500, "ben@one.test/b"));
    }

    [Fact]
    public async Task An_ephemeral_file_needs_a_time_that_is_still_to_come()
    {
        await using var lab = await new UploadLab().StartAsync();
        static Element Before(string? time) => new Element("ephemeral", "urn:xmpp:http:upload:purpose:0").Attr("expire-before", time);

        Assert.Equal(StanzaCondition.BadRequest, StanzaError.Of(await lab.RequestAsync("a", "1", purpose: Before(null))).Condition);
        Assert.Equal(StanzaCondition.BadRequest, StanzaError.Of(await lab.RequestAsync("a", "1", purpose: Before("soon"))).Condition);
        Assert.Equal(StanzaCondition.NotAcceptable, StanzaError.Of(await lab.RequestAsync("a", "1", purpose: Before("2020-01-01T00:00:00Z"))).Condition);
        Assert.Equal("result", (await lab.RequestAsync("a", "1", purpose: Before("2999-01-01T00:00:00Z"))).Type);
    }
}

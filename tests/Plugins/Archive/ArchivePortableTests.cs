using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core.Xml;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>Archives leave and come (XEP-0227 section 4.11).</summary>
public sealed class ArchivePortableTests : IAsyncLifetime
{
    private ArchiveLab _from = null!, _to = null!;

    public async ValueTask InitializeAsync() => (_from, _to) = (await StartAsync(), await StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _from.DisposeAsync();
        await _to.DisposeAsync();
    }

    [Fact]
    public async Task An_archive_of_many_pages_comes_as_it_was_and_again_adds_nothing()
    {
        for (var i = 0; i < 450; i++)
        {
            // Several in one millisecond.
            if (i % 3 == 0) _from.Time.Advance(TimeSpan.FromMilliseconds(700));
            var message = i % 2 == 0 ? Message("eve@two.test/a", Ann, $"<body>{i} &lt;</body>", id: $"m{i}") : Message("ann@one.test/phone", Eve, $"<body>{i}</body>");
            await _from.Store.AddAsync([new ArchiveAddition(Ann, i % 2 == 0 ? "eve@two.test/a" : Eve, i % 2 == 0 ? Eve : Ann, message)], Ct);
        }

        _to.Time.Advance(TimeSpan.FromDays(1));
        var pieces = await ExportAsync(_from);
        Assert.Equal(450, pieces.Count);
        Assert.Equal(450, await ImportAsync(_to, pieces));
        Assert.Equal(0, await ImportAsync(_to, pieces));

        var again = await ExportAsync(_to);
        Assert.Equal(pieces.Select(WithoutId), again.Select(WithoutId));
        Assert.Equal(["448 <"], (await _to.BodiesAsync(Ann, new() { With = "eve@two.test/a" })).TakeLast(1));
        Assert.Empty(await _to.BodiesAsync(Ben));
    }

    [Fact]
    public async Task What_came_meanwhile_stays_behind_what_is_imported()
    {
        _to.Time.Advance(TimeSpan.FromDays(1));
        await _to.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message("eve@two.test/a", Ann, "<body>new</body>"))], Ct);
        await ImportAsync(_to, [Result("2020-05-06T07:08:09Z", "<message xmlns='jabber:client' from='eve@two.test/a' to='ann@one.test'><body>old</body></message>")]);
        Assert.Equal(["old", "new"], await _to.BodiesAsync(Ann));
        Assert.Equal(new DateTimeOffset(2020, 5, 6, 7, 8, 9, TimeSpan.Zero), (await _to.ReadAsync(Ann)).Entries[0].Time);
    }

    [Theory]
    [InlineData("<result xmlns='urn:xmpp:mam:2'/>", "is no archived message")]
    [InlineData("<message xmlns='jabber:client'/>", "is no archived message")]
    [InlineData("<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'/></forwarded></result>", "without a time")]
    [InlineData("<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2020-05-06T07:08:09Z'/></forwarded></result>", "without the message")]
    [InlineData("<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2020-05-06T07:08:09Z'/><message xmlns='jabber:client' from='@'/></forwarded></result>", "an address that is none")]
    public async Task What_is_no_archived_message_is_refused(string piece, string expected)
    {
        var fault = await Assert.ThrowsAsync<FormatException>(async () => await ImportAsync(_to, [Xml(piece)]));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Empty(await _to.BodiesAsync(Ann));
    }

    private static ArchivePortableData Data(ArchiveLab lab) => new(lab.Database, lab.Store, lab.Time);

    private static async Task<IReadOnlyList<Element>> ExportAsync(ArchiveLab lab) => await Data(lab).ExportAsync(Ann, Data(lab).Elements[0], Ct).ToListAsync(Ct);

    private static async Task<int> ImportAsync(ArchiveLab lab, IReadOnlyList<Element> pieces) => await Data(lab).ImportAsync(Ann, Data(lab).Elements[0], pieces, Ct);

    private static Element Result(string stamp, string message) => Xml($"<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>{message}</forwarded></result>");

    private static string WithoutId(Element result) => result.Copy().Attr("id", null).ToString();
}

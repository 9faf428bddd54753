using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Message archives (XEP-0313) with Debian's slixmpp.</summary>
public sealed class ArchiveTests : WireTest
{
    [Fact]
    public async Task Who_comes_back_reads_the_history_from_either_end_under_the_ids_that_messages_came_with()
    {
        await StartAsync("--Media:Workers", "1");
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "archive", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        string[] all = [.. Enumerable.Range(1, 25).Select(i => $"{i}")];
        Assert.Equal(["urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:mam:2#groupchat-field", "urn:xmpp:message-retract:1", "urn:xmpp:message-retract:1#tombstone", "urn:xmpp:sid:0"], Strings(told.GetProperty("features")));
        // Each sees the id of the own archive alone.
        Assert.Null(told.GetProperty("live")[1].GetString());
        Assert.Null(told.GetProperty("carbon")[1].GetString());
        Assert.True(told.GetProperty("live_is_archived").GetBoolean());
        Assert.True(told.GetProperty("carbon_is_archived").GetBoolean());
        Assert.Equal("2", told.GetProperty("offline_is_archived")[0].GetString());
        Assert.True(told.GetProperty("offline_is_archived")[1].GetBoolean());

        Assert.Equal(all, Strings(told.GetProperty("all")));
        Assert.Equal(["25", "24", "23", "22", "21", "20"], Strings(told.GetProperty("back")));
        Assert.Equal(["2", "3", "4"], Strings(told.GetProperty("page_before")));
        Assert.Equal([25, 1], told.GetProperty("with").EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal("item-not-found", told.GetProperty("unknown").GetString());
        Assert.All(told.GetProperty("metadata").EnumerateArray(), m => Assert.True(m.GetBoolean()));
        Assert.Equal(["FORM_TYPE", "after-id", "before-id", "end", "ids", "include-groupchat", "start", "with"], Strings(told.GetProperty("fields")));
        Assert.Equal(25, told.GetProperty("after_never").GetInt32());
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}

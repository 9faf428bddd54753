using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp as two contacts who publish to one another (XEP-0163, XEP-0084, XEP-0118, XEP-0048).</summary>
public sealed class PersonalEventTests : WireTest
{
    // SHA-1 of the picture that the client publishes.
    private const string Picture = "1a328edeb1e3c0cdc19e73c0a1f3e80243e2fba0";

    [Fact]
    public async Task Contacts_hear_of_tunes_and_avatars_at_once_and_when_they_come_and_bookmarks_are_the_same_everywhere()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "personal_events", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        Assert.Contains("pubsub/pep", Strings(told.GetProperty("identities")));
        foreach (var feature in new[] { "http://jabber.org/protocol/pubsub#publish-options", "urn:xmpp:pep-vcard-conversion:0", "urn:xmpp:bookmarks:1#compat" }) Assert.Contains(feature, Strings(told.GetProperty("features")));
        Assert.Equal(["ann@localhost", "First"], Strings(told.GetProperty("tune")));
        Assert.Equal(["ann@localhost", "First"], Strings(told.GetProperty("own_tune")));
        Assert.Equal(["ann@localhost", Picture], Strings(told.GetProperty("avatar")));
        Assert.True(told.GetProperty("same_picture").GetBoolean());
        Assert.Equal("image/png", told.GetProperty("photo")[0].GetString());
        Assert.True(told.GetProperty("photo")[1].GetBoolean(), "the vCard shows the avatar");
        Assert.Equal(["http://jabber.org/protocol/tune", "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata"], Strings(told.GetProperty("nodes")));
        Assert.Equal(["theplay@rooms.test"], Strings(told.GetProperty("bookmark")));
        Assert.Equal(["second@rooms.test", "theplay@rooms.test"], Strings(told.GetProperty("private")));
        Assert.Equal(["ann@localhost", "Second"], Strings(told.GetProperty("last_tune")));
        Assert.Equal(["ann@localhost", Picture], Strings(told.GetProperty("last_avatar")));
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}

using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp blocks a contact (XEP-0191).</summary>
public sealed class BlockingTests : WireTest
{
    [Fact]
    public async Task Who_is_blocked_finds_nobody_there_until_it_is_taken_back()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "blocking", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        Assert.Equal("[]", told.GetProperty("before").GetRawText());
        Assert.Equal("[\"bob@localhost\"]", told.GetProperty("list").GetRawText());
        Assert.Equal("[[\"service-unavailable\", \"ann@localhost\"], [\"service-unavailable\", \"ann@localhost\"]]", told.GetProperty("sender").GetRawText());
        Assert.Equal("service-unavailable", told.GetProperty("iq").GetString());
        Assert.Equal("[[\"not-acceptable\", \"bob@localhost\"]]", told.GetProperty("own").GetRawText());
        Assert.Equal("[0, 0, 0]", told.GetProperty("heard").GetRawText());
        Assert.Equal("[[\"block\", [\"bob@localhost\"]], [\"unblock\", [\"bob@localhost\"]]]", told.GetProperty("pushes").GetRawText());
        Assert.Equal("again", told.GetProperty("again").GetString());
    }
}

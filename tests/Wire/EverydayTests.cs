using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>An everyday conversation by the libraries of JavaScript's clients: @xmpp/client over TLS, stanza over WebSocket.</summary>
public sealed class EverydayTests : WireTest
{
    [Theory]
    [InlineData("xmppjs")]
    [InlineData("stanza")]
    public async Task People_talk_share_meet_in_a_room_and_read_what_they_missed(string library)
    {
        await StartAsync();
        foreach (var name in new[] { "ann", "bob" }) Server.AddUser(name + "@localhost", "correct horse");

        var told = await NodeClient.RunAsync(Namespace, Server.Certificate, "everyday-" + library, "xmpps://localhost:5223", "wss://localhost:5281/xmpp-websocket", "localhost", "correct horse");

        Assert.All(["heard", "copied", "answered", "avatar", "file"], name => Assert.True(told.GetProperty(name).GetBoolean(), name));
        Assert.Contains("201", Strings("made"));
        Assert.Equal("tea@rooms.localhost/Bob", told.GetProperty("inRoom").GetString());
        Assert.Equal(201, told.GetProperty("put").GetInt32());
        Assert.Equal(["hello <&> 😀", "and back", "while away"], Strings("history"));
        Assert.Equal(["in the room", "while you were out"], Strings("roomHistory"));

        IEnumerable<string> Strings(string name) => told.GetProperty(name).EnumerateArray().Select(e => e.ToString());
    }
}

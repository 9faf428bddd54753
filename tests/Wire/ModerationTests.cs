using System.Diagnostics;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>A call that is tied to a chat room, moderated with slixmpp; who is in the call is a scripted client of XEP-0521 with aiortc.</summary>
public sealed class ModerationTests : WireTest
{
    [Fact]
    public async Task Whoever_is_put_out_of_the_chat_room_is_out_of_its_call()
    {
        await StartAsync("--Plugins:FocusAgent:ChatRooms=Occupants");
        foreach (var who in new[] { "ann", "ben", "eve" }) Server.AddUser($"{who}@localhost", $"{who}'s secret");
        var moderator = PythonClient.Start(Namespace, "moderating", Server.Certificate, "tea@rooms.localhost", "tea@calls.localhost", "ann@localhost", "ann's secret", "ben@localhost", "ben's secret");
        await moderator.WaitForAsync("\"event\": \"there\"", TimeSpan.FromSeconds(30));

        // Eve is not in the chat room.
        var eve = Call("eve");
        await eve.WaitForAsync("forbidden", TimeSpan.FromSeconds(20));
        var ben = Call("ben");
        await ben.WaitForAsync("\"own\": true, \"state\": \"connected\"", TimeSpan.FromSeconds(20));

        moderator.Say("act ben@localhost mute");
        await moderator.WaitForAsync("\"status\": \"completed\"", TimeSpan.FromSeconds(20));
        moderator.Say("kick ben");
        var clock = Stopwatch.StartNew();
        await ben.WaitForAsync("\"event\": \"terminated\".*\"own\": true, \"reason\": \"decline\"", TimeSpan.FromSeconds(20));
        TestContext.Current.TestOutputHelper?.WriteLine($"out of the call {clock.Elapsed.TotalSeconds:0.00} s after the kick was asked for");

        var again = Call("ben");
        await again.WaitForAsync("forbidden", TimeSpan.FromSeconds(20));
        moderator.Say("leave");
    }

    private RunningCommand Call(string user) => PythonClient.Start(Namespace, "conference", Server.Certificate, $"{user}@localhost", $"{user}'s secret", "tea@calls.localhost");
}

using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp in chat rooms.</summary>
public sealed class MucTests : WireTest
{
    [Fact]
    public async Task Three_people_make_a_room_talk_in_it_and_put_one_another_out()
    {
        await StartAsync();
        foreach (var who in new[] { "ann", "ben", "cem" }) Server.AddUser($"{who}@localhost", $"{who}'s secret");

        var told = PythonClient.Run(Namespace, "muc", Server.Certificate, "tea@rooms.localhost", "ann@localhost", "ann's secret", "ben@localhost", "ben's secret", "cem@localhost", "cem's secret");

        Assert.Contains("201", Strings(told.GetProperty("created")));
        Assert.Equal("item-not-found", told.GetProperty("locked").GetString());
        Assert.Equal(["ann", "ben"], Strings(told.GetProperty("there")));
        Assert.Equal("conflict", told.GetProperty("conflict").GetString());
        Assert.Equal("Which tea?", told.GetProperty("subject").GetString());
        Assert.Equal(["ann: hello Ünïcode 😀 <&>", "ben: and back"], told.GetProperty("history").EnumerateArray().Select(h => $"{h[0].GetString()}: {h[1].GetString()}"));
        Assert.Equal(["tea@rooms.localhost/ben", "psst"], Strings(told.GetProperty("private")));
        Assert.Contains("muc_persistent", Strings(told.GetProperty("features")));
        Assert.Equal(["tea@rooms.localhost", "Tea"], Strings(told.GetProperty("rooms")[0]));
        Assert.True(told.GetProperty("ping").GetBoolean());
        Assert.Equal(["hello Ünïcode 😀 <&>", "and back", ""], Strings(told.GetProperty("archive")));
        Assert.Equal("forbidden", told.GetProperty("banned").GetString());
        Assert.Equal(["ben@localhost"], Strings(told.GetProperty("outcasts")));
        Assert.Equal("registration-required", told.GetProperty("stranger").GetString());
        Assert.Null(told.GetProperty("member").GetString());
        Assert.Equal("forbidden", told.GetProperty("not_owner").GetString());
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}

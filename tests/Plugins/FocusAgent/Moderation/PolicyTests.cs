using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>Whose word counts in a room, and how long.</summary>
public sealed class PolicyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-policies-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_said_of_a_reserved_room_outlives_a_restart_and_not_the_reservation()
    {
        await using (var lab = new CallLab(directory: _directory))
        {
            await lab.Reservations.ReserveAsync("ann@example.org", Client.RoomAddress, lab.Clock.GetUtcNow().AddHours(4), Ct);
            var ann = new Client(lab, "ann@example.org/any"); // in no call
            Assert.Equal("result", (await ann.AskAsync(Policy().Attr("lobby", "true").Add("password", p => p.Text("x y")))).Type);
            Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "ben@example.org/any").AskAsync(Policy().Attr("lobby", "false")));
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "room-policies.json")));
        }

        await using var again = new CallLab(directory: _directory);
        Assert.Equal(new RoomPolicy { HasLobby = true, Password = "x y" }, again.Policies.Of(Client.RoomAddress));
        var policy = (await new Client(again, "ann@example.org/any").AskAsync(Policy(), "get")).Payload!;
        Assert.Equal(("true", "x y"), (policy["lobby"], policy.Child("password")!.Value));
        again.Clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal(RoomPolicy.Open, again.Policies.Of(Client.RoomAddress));
        // Whoever has the room next does not get what was said before.
        await again.Reservations.ReserveAsync("ben@example.org", Client.RoomAddress, again.Clock.GetUtcNow().AddHours(4), Ct);
        Assert.Equal(RoomPolicy.Open, again.Policies.Of(Client.RoomAddress));
    }

    [Fact]
    public async Task Whoever_reserves_later_takes_nothing_from_whoever_was_first()
    {
        await using var lab = new CallLab();
        await lab.Reservations.ReserveAsync("ann@example.org", Client.RoomAddress, lab.Clock.GetUtcNow().AddHours(1), Ct);
        lab.Clock.Advance(TimeSpan.FromMinutes(1));
        await lab.Reservations.ReserveAsync("eve@example.org", Client.RoomAddress, lab.Clock.GetUtcNow().AddHours(9), Ct);
        lab.Clock.Advance(TimeSpan.FromMinutes(1));
        await lab.Reservations.ReserveAsync("ann@example.org", Client.RoomAddress, lab.Clock.GetUtcNow().AddHours(2), Ct); // longer
        Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "eve@example.org/x").AskAsync(Policy().Attr("locked", "true")));
        var eve = await new Client(lab, "eve@example.org/page").JoinAsync();
        var ann = await new Client(lab, "ann@example.org/page").JoinAsync();
        Client.AssertError(StanzaCondition.Forbidden, await eve.ModerateAsync("kick", ("participant", ann.ParticipantId)));
        Assert.Equal("result", (await ann.ModerateAsync("mute", ("participant", eve.ParticipantId))).Type);
    }

    [Fact]
    public async Task Reserving_a_room_in_which_others_call_already_makes_nobody_their_moderator()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/page").JoinAsync();
        var eve = await new Client(lab, "eve@example.org/page").JoinAsync();
        lab.Clock.Advance(TimeSpan.FromMinutes(1));
        await lab.Reservations.ReserveAsync("eve@example.org", Client.RoomAddress, lab.Clock.GetUtcNow().AddHours(1), Ct);
        Client.AssertError(StanzaCondition.Forbidden, await eve.ModerateAsync("kick", ("participant", ann.ParticipantId)));
        Client.AssertError(StanzaCondition.Forbidden, await eve.AskAsync(Policy().Attr("locked", "true")));
        Assert.Equal("result", (await ann.ModerateAsync("kick", ("participant", eve.ParticipantId))).Type);
    }

    [Fact]
    public async Task What_the_operator_says_holds_and_moderators_cannot_change_it()
    {
        var options = new FocusAgentOptions
        {
            Admins = ["root@example.org"],
            Moderators = Moderators.Named,
            Rooms = { ["tea"] = new RoomOptions { Lobby = true, Password = "theirs", Members = ["ben@example.org"], Moderators = ["ann@example.org"] } },
        };
        Assert.Empty(FocusAgentOptions.Validate(options));
        await using var lab = new CallLab(options);
        var ben = await new Client(lab, "ben@example.org/page").JoinAsync(); // first, and no moderator for that
        Client.AssertError(StanzaCondition.Forbidden, await ben.ModerateAsync("end"));
        var cem = new Client(lab, "cem@example.org/page") { Password = "theirs" };
        await cem.CallAsync();
        Assert.Equal(("waiting", "0"), (cem.Notices[0].Name, cem.Notices[0]["moderators"]));
        var ann = await new Client(lab, "ann@example.org/page").JoinAsync();
        Client.AssertError(StanzaCondition.NotAllowed, await ann.AskAsync(Policy().Attr("lobby", "false")));
        Client.AssertError(StanzaCondition.NotAllowed, await ann.AskAsync(Policy().Add("password", p => p.Text("mine"))));
        Assert.Equal("result", (await ann.AskAsync(Policy().Attr("locked", "true"))).Type);
        // Admins need not be in the call.
        Assert.Equal("result", (await new Client(lab, "root@example.org/x").ModerateAsync("kick", ("participant", ben.ParticipantId))).Type);
        Assert.Equal("root removed you from the call.", ben.Ended!.Text);
        var elsewhere = new Client(lab, "root@example.org/x", "coffee@calls.example.org");
        Assert.Equal("result", (await elsewhere.AskAsync(Policy(), "get")).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await elsewhere.AskAsync(Policy().Attr("locked", "true"))); // there is nothing that it could last for
    }

    [Fact]
    public async Task A_damaged_file_stops_the_start_and_says_what_to_do()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "room-policies.json"), "[{]", Ct);
        var e = Assert.Throws<IOException>(() => new CallLab(directory: _directory));
        Assert.Contains("room-policies.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_in_the_settings_name_their_keys()
    {
        var options = new FocusAgentOptions
        {
            Admins = ["example.org"],
            Moderators = (Moderators)9,
            ChatRooms = (ChatRoomEntry)9,
            LobbyPlaces = 0,
            LobbyTime = TimeSpan.Zero,
            PasswordTries = 0,
            Rooms = { ["Tea Time"] = new RoomOptions { Members = ["x"], Password = new string('x', 300), ChatRoom = "rooms.example.org", ChatRoomEntry = ChatRoomEntry.Off } },
        };
        string[] expected = ["Admins:", "Moderators:", "ChatRooms:", "Rooms:Tea Time:", "Rooms:Tea Time:Password:", "Rooms:Tea Time:Members:", "Rooms:Tea Time:ChatRoom:", "Rooms:Tea Time:ChatRoomEntry:", "LobbyPlaces:", "LobbyTime:", "PasswordTries:"];
        var faults = FocusAgentOptions.Validate(options).ToList();
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected.Zip(faults), p => Assert.StartsWith(p.First, p.Second, StringComparison.Ordinal));
    }

    private static Element Policy() => new("policy", ModerationNames.Namespace);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}

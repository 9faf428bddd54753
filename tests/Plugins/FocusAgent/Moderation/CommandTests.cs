using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>Moderation by a client's list of commands.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly CallLab _lab = new();
    private readonly RoomCommands _commands;
    private Client _ann = null!, _ben = null!;

    public CommandTests() => _commands = _lab.Commands;

    public async ValueTask InitializeAsync()
    {
        _ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        _ben = await new Client(_lab, "ben@example.org/page").JoinAsync(nick: "Ben");
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Who_may_enter_is_shown_and_said()
    {
        var asked = await RunAsync(ModerationNames.Policy);
        Assert.Equal("executing", asked.Payload!["status"]);
        var form = DataForm.Within(asked.Payload)!;
        Assert.Equal(["FORM_TYPE", "locked", "lobby", "members-only", "password", "members", "moderators"], form.Fields.Select(f => f.Name));

        var done = await RunAsync(ModerationNames.Policy, ("lobby", ["1"]), ("password", ["x"]), ("members", ["ben@example.org", "cem@example.org/phone", ""]));
        Assert.Equal("completed", done.Payload!["status"]);
        Assert.Equal(new RoomPolicy { HasLobby = true, Password = "x", Members = ["ben@example.org", "cem@example.org"] }, _lab.Policies.Of(Client.RoomAddress));
        Assert.Equal("1", DataForm.Within((await RunAsync(ModerationNames.Policy)).Payload!)!.Value("lobby"));

        Client.AssertError(StanzaCondition.BadRequest, await RunAsync(ModerationNames.Policy, ("lobby", ["maybe"])));
        Client.AssertError(StanzaCondition.BadRequest, await RunAsync(ModerationNames.Policy, ("moderators", ["no address@"])));
    }

    [Fact]
    public async Task Somebody_is_chosen_and_removed()
    {
        var form = DataForm.Within((await RunAsync(ModerationNames.Act)).Payload!)!;
        var who = form.Find("who")!.Options.Single(o => o.Label == "Ben (ben@example.org)").Value;
        Assert.Equal("completed", (await RunAsync(ModerationNames.Act, ("who", [who]), ("what", ["kick"]))).Payload!["status"]);
        Assert.Equal(JingleCondition.Decline, _ben.Ended!.Condition);
        Client.AssertError(StanzaCondition.ItemNotFound, await RunAsync(ModerationNames.Act, ("who", [who]), ("what", ["kick"])));
        Client.AssertError(StanzaCondition.BadRequest, await RunAsync(ModerationNames.Act, ("who", ["somebody"]), ("what", ["kick"])));
        Client.AssertError(StanzaCondition.BadRequest, await RunAsync(ModerationNames.Act, ("who", [who]), ("what", ["end"])));
    }

    [Fact]
    public async Task Whoever_waits_is_among_them()
    {
        await RunAsync(ModerationNames.Policy, ("lobby", ["1"]));
        var cem = new Client(_lab, "cem@example.org/page");
        await cem.CallAsync(nick: "Cem");
        var who = DataForm.Within((await RunAsync(ModerationNames.Act)).Payload!)!.Find("who")!.Options.Single(o => o.Label == "Cem (cem@example.org), waits").Value;
        await RunAsync(ModerationNames.Act, ("who", [who]), ("what", ["admit"]));
        Assert.Single(cem.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public async Task The_call_is_ended_by_moderators_alone()
    {
        foreach (var node in new[] { ModerationNames.Policy, ModerationNames.Act, ModerationNames.End }) Client.AssertError(StanzaCondition.Forbidden, await RunAsync(node, from: _ben));
        Assert.Null(_ann.Ended);
        Assert.Equal("completed", (await RunAsync(ModerationNames.End)).Payload!["status"]);
        Assert.Equal(JingleCondition.Gone, _ben.Ended!.Condition);
    }

    [Fact]
    public async Task A_call_is_recorded_and_its_recordings_are_given_to_whoever_moderates()
    {
        _lab.Options.Recording.Enabled = true;
        var nodes = Parley.Plugins.FocusAgent.Recording.RecordingCommands.Nodes;
        Client.AssertError(StanzaCondition.Forbidden, await RunAsync(nodes[0], _ben));
        Assert.Equal("completed", (await RunAsync(nodes[0])).Payload!["status"]);
        Assert.NotNull(_lab.Rooms.Rooms.Single().Recorder.Live);
        Assert.StartsWith("1 recordings: https://example.org:5281/recordings/", (await RunAsync(nodes[2])).Payload!.Child("note")!.Value, StringComparison.Ordinal);
        Client.AssertError(StanzaCondition.Forbidden, await RunAsync(nodes[2], _ben));
        Assert.Equal("completed", (await RunAsync(nodes[1])).Payload!["status"]);
        Assert.Null(_lab.Rooms.Rooms.Single().Recorder.Live);
        Client.AssertError(StanzaCondition.ItemNotFound, await RunAsync(nodes[1]));
    }

    [Fact]
    public void They_are_listed_at_rooms_beside_the_reservations()
    {
        Assert.Equal(12, _lab.Component.Items(Client.RoomAddress, ReservationNames.Commands).Count);
        Assert.Equal([ReservationNames.List], _lab.Component.Items("calls.example.org", ReservationNames.Commands).Select(i => i.Node));
        Assert.Equal("command-node", _lab.Component.Describe(Client.RoomAddress, ModerationNames.Act)!.Identities[0].Type);
    }

    private Task<Iq> RunAsync(string node, params (string Name, string[] Values)[] fields) => RunAsync(node, _ann, fields);

    private async Task<Iq> RunAsync(string node, Client from, params (string Name, string[] Values)[] fields)
    {
        var command = new Element("command", ReservationNames.Commands).Attr("node", node);
        if (fields.Length > 0)
        {
            var form = new DataForm("submit", node);
            foreach (var (name, values) in fields) form.Add(new FormField(name, null, values));
            command.Add(form.ToElement());
        }

        var iq = new IqRequest(Iq.Request("set", "1", from.Jid, Client.RoomAddress, command), new SenderInfo(from.Kind, "s1"), "example.org");
        var answer = (await _commands.HandleAsync(iq, TestContext.Current.CancellationToken)).Iq!;
        await _lab.SettleAsync();
        return answer;
    }
}

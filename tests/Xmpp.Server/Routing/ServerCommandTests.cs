using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Routing;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Ad-hoc commands of a served domain (XEP-0050).</summary>
public sealed class ServerCommandTests
{
    private const string Commands = "http://jabber.org/protocol/commands";
    private readonly Command _greet = new("greet", asks: true), _count = new("count", asks: false);

    [Fact]
    public async Task Who_may_run_them_finds_them_fills_in_the_form_and_is_answered()
    {
        Assert.Equal(["count", "greet"], (await AskAsync("ann@one.test/a", "get", Items())).Payload!.Children.Select(i => i["node"]));
        Assert.Equal("command-node", (await AskAsync("ann@one.test/a", "get", Info("greet"))).Payload!.Child("identity")!["type"]);

        var asked = (await AskAsync("ann@one.test/a", "set", Execute("greet"))).Payload!;
        Assert.Equal(("executing", "form"), (asked["status"], asked.Child("x", "jabber:x:data")!["type"]));
        Assert.NotNull(asked.Child("actions")!.Child("complete"));
        var done = (await AskAsync("ann@one.test/a", "set", Execute("greet", action: "complete", session: asked["sessionid"], form: new DataForm("submit").Add("name", "text-single", "Ben")))).Payload!;

        Assert.Equal(("completed", asked["sessionid"], "Hello Ben"), (done["status"], done["sessionid"], done.Child("note")!.Value));
        Assert.Equal("completed", (await AskAsync("ann@one.test/a", "set", Execute("count"))).Payload!["status"]);
        Assert.Equal("canceled", (await AskAsync("ann@one.test/a", "set", Execute("greet", action: "cancel"))).Payload!["status"]);
        Assert.Equal(1, _greet.Runs);
    }

    [Fact]
    public async Task Everybody_else_does_not_see_them_and_is_forbidden_to_run_them()
    {
        foreach (var (who, kind) in new[] { ("ben@one.test/b", SenderKind.Account), ("ann@one.test/a", SenderKind.Remote), ("g@guest.one.test/g", SenderKind.Guest) })
        {
            Assert.Empty((await AskAsync(who, "get", Items(), kind)).Payload!.Children);
            Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await AskAsync(who, "set", Execute("greet"), kind)).Condition);
            Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await AskAsync(who, "get", Info("greet"), kind)).Condition);
        }

        Assert.Equal(StanzaCondition.ItemNotFound, StanzaError.Of(await AskAsync("ann@one.test/a", "set", Execute("none"))).Condition);
        Assert.Equal(0, _greet.Runs);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_by_the_conditions_of_section_4_4()
    {
        async Task<string> RefusedAsync(Element command) => StanzaError.Of(await AskAsync("ann@one.test/a", "set", command)).Application!.Name;

        Assert.Equal("bad-action", await RefusedAsync(Execute("greet", action: "prev")));
        Assert.Equal("bad-action", await RefusedAsync(Execute("greet", action: "complete")));
        Assert.Equal("bad-payload", await RefusedAsync(Execute("greet", form: new DataForm("form"))));
        _greet.Fails = true;
        Assert.Equal(StanzaCondition.InternalServerError, StanzaError.Of(await AskAsync("ann@one.test/a", "set", Execute("greet", form: new DataForm("submit")))).Condition);
        Assert.Equal(StanzaCondition.NotAcceptable, StanzaError.Of(await AskAsync("ann@one.test/a", "set", Execute("count", form: new DataForm("submit").Add("refuse", true)))).Condition);
    }

    [Fact]
    public async Task What_is_about_something_else_is_left_to_others()
    {
        await using var server = new TestServer();
        var commands = Make(server);
        foreach (var payload in (Element[])[new("query", "http://jabber.org/protocol/disco#info"), new Element("query", "http://jabber.org/protocol/disco#info").Attr("node", "x"), new("query", "jabber:iq:version")])
        {
            Assert.Null(await commands.AnswerAsync(Iq.Request("get", "1", "ann@one.test/a", "one.test", payload), "one.test", new SenderInfo(SenderKind.Account), TestContext.Current.CancellationToken));
        }
    }

    private async Task<Iq> AskAsync(string from, string type, Element payload, SenderKind kind = SenderKind.Account)
    {
        await using var server = new TestServer();
        var iq = Iq.Request(type, "1", Jid.Parse(from), Jid.Parse("one.test"), payload);
        var outcome = await Make(server).AnswerAsync(iq, "one.test", new SenderInfo(kind), TestContext.Current.CancellationToken);
        return (Iq)outcome!.Value.ReplyTo(iq)!;
    }

    private ServerCommands Make(TestServer server)
    {
        var plugins = Substitute.For<IContributions<IServerCommand>>();
        plugins.Items.Returns([_greet, _count]);
        return new ServerCommands(server.Get<PluginCalls>(), NullLogger<ServerCommands>.Instance, plugins);
    }

    private static Element Items() => new Element("query", "http://jabber.org/protocol/disco#items").Attr("node", Commands);

    private static Element Info(string node) => new Element("query", "http://jabber.org/protocol/disco#info").Attr("node", node);

    private static Element Execute(string node, string? action = null, string? session = null, DataForm? form = null) =>
        new Element("command", Commands).Attr("node", node).Attr("action", action).Attr("sessionid", session).Add(form?.ToElement());

    private sealed class Command(string node, bool asks) : IServerCommand
    {
        public string Node => node;

        public string Name => "The command " + node;

        public int Runs { get; private set; }

        public bool Fails { get; set; }

        public bool IsOpenTo(Jid account, string domain) => account == "ann@one.test" && domain == "one.test";

        public DataForm? Form(string domain) => asks ? new DataForm("form").Add("name", "text-single", null) : null;

        public ValueTask<CommandResult> RunAsync(CommandCall call, CancellationToken ct)
        {
            if (Fails) throw new InvalidOperationException("It fails.");
            Runs++;
            return new(call.Form.Flag("refuse") == true ? CommandResult.Refuse(StanzaCondition.NotAcceptable, "no") : new CommandResult("Hello " + call.Form.Value("name")));
        }
    }
}

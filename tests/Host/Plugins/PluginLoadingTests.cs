using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Routing;

namespace Parley.tests.Host.Plugins;

public sealed class PluginLoadingTests : IDisposable
{
    private const string Ns = "urn:parley:test:drop-in";
    private static readonly IqKey Ask = new("get", Ns, "ask", IqTarget.Server, null);

    private readonly Scratch _scratch = new();

    [Fact]
    public async Task A_drop_in_serves_all_that_it_declared()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch, ("Plugins:DropIn:Greeting", "good day"));

        Assert.Equal("good day", await AskAsync(host));
        Assert.Contains(host.Table.Messages, m => m.Owner.Plugin == "DropIn" && m.Point == StanzaPoint.FromLocalSession);
        Assert.Contains(host.Table.Presences, m => m.Owner.Plugin == "DropIn" && m.Order == -1);
        Assert.Contains(host.Table.Features, f => f.Feature == "urn:parley:test:feature");
        Assert.Equal("localhost", host.Table.Components["drop.localhost"].ParentDomain);
        Assert.Equal("dropIn", host.Contributions<IStatusSource>().Single(s => s.Name == "dropIn").Name);
        Assert.Equal("good day /drop-in /a", await GetAsync(host, "/drop-in/a"));
        Assert.Null(host.Http.Find("/drop-inside", out _));
    }

    [Fact]
    public async Task A_component_has_a_subdomain_of_each_domain_and_the_operators_name_goes_to_the_first()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch, ("Server:Domain", "a.test"), ("Server:BindAddress", "127.0.0.1"), ("Server:Domains", "b.test,c.test"), ("Plugins:DropIn:Domain", "other.test"), ("Plugins:DropIn:Hosts", "a.test,c.test"));

        var components = host.Table.Components.Values.Where(c => c.Owner.Plugin == "DropIn").Select(c => (c.Domain, c.ParentDomain)).Order();

        Assert.Equal([("drop.c.test", "c.test"), ("other.test", "a.test")], components);
        Assert.True(host.Table.Iqs[Ask][0].Owner.Serves("a.test"));
        Assert.False(host.Table.Iqs[Ask][0].Owner.Serves("b.test"));
    }

    [Fact]
    public async Task The_same_key_twice_names_both_plugins()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        var other = new PluginDeclaration("Other");
        new PluginBuilder(other).OnIqGet<NoAnswer>(Ns, "ask").MapHttp<NoPage>("/drop-in").AddComponent<NoComponent>("drop").MapHttp<NoPage>("/healthz");

        var faults = CheckBeside(host, other, []);

        Assert.Equal([
            "Plugins:Other: handles IQ get <ask xmlns='urn:parley:test:drop-in'/> for Server as DropIn does; turn one of them off.",
            "Plugins:Other: serves /drop-in as DropIn does; turn one of them off.",
            "Plugins:Other: wants /healthz, which is the server's own.",
            "Plugins:Other: wants the domain drop.localhost, which is the plugin DropIn's already.",
        ], faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_key_on_other_hosts_is_no_fault()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch, ("Server:Domains", "b.test"), ("Plugins:DropIn:Hosts", "localhost"));
        var other = new PluginDeclaration("Other");
        new PluginBuilder(other).OnIqGet<NoAnswer>(Ns, "ask");

        Assert.Empty(CheckBeside(host, other, ["b.test"]));
        Assert.NotEmpty(CheckBeside(host, other, ["b.test", "localhost"]));
    }

    [Fact]
    public void Two_claims_of_a_section_name_both_plugins()
    {
        var (a, b, c) = (new PluginDeclaration("A"), new PluginDeclaration("B"), new PluginDeclaration("C"));
        new PluginBuilder(a).AddOptions<Options>("Turn");
        new PluginBuilder(b).AddOptions<Options>("turn");
        new PluginBuilder(c).AddOptions<Options>("Server");
        var faults = new Faults();

        PluginConfiguration.Check(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build(), [a, b, c], [], faults);

        Assert.Equal(["Turn: the plugins A and B both claim this section.", "Server: the plugin C claims a section of the server itself."], faults.Lines);
    }

    [Fact]
    public async Task A_hosted_service_that_does_not_start_stops_the_start_with_its_own_words()
    {
        _scratch.DropIn();

        var fault = await Assert.ThrowsAsync<PluginFaultException>(() => PluginHost.StartAsync(_scratch, ("Plugins:DropIn:Fault", "Start")));

        Assert.StartsWith("Plugins:DropIn: the port 1 is taken", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Size", "10", "Plugins:DropIn:Size: must be between 1 and 9.")]
    [InlineData("Sise", "1", "Plugins:DropIn:Sise: there is no such key (from the command line); did you mean Plugins:DropIn:Size?")]
    public void A_drop_ins_options_are_checked_like_the_servers(string key, string value, string fault)
    {
        _scratch.DropIn();

        Assert.Equal([fault], Assert.Throws<ConfigurationException>(() => PluginHost.Load(_scratch, ("Plugins:DropIn:" + key, value))).Faults);
    }

    [Fact]
    public void A_file_that_is_no_plugin_is_named()
    {
        _scratch.Write("data/plugins/Junk/Junk.dll", "not an assembly");
        File.Copy(typeof(Jid).Assembly.Location, _scratch.Write("data/plugins/Tests/Tests.dll", ""), overwrite: true);
        _scratch.DropIn(name: "Renamed");
        _scratch.DropIn(name: "Meet");

        var faults = Assert.Throws<ConfigurationException>(() => PluginHost.Load(_scratch)).Faults;

        Assert.Equal(4, faults.Count);
        Assert.Contains(faults, f => f.StartsWith("Plugins:Junk: ", StringComparison.Ordinal) && f.Contains("cannot be loaded", StringComparison.Ordinal));
        Assert.Contains("Plugins:Tests: Parley.Xmpp.Core has no [assembly: XmppPlugin(…)].", faults);
        Assert.Contains("Plugins:Renamed: calls itself DropIn; directory, file and plugin must bear one name.", faults);
        Assert.Contains($"Plugins:Meet: {_scratch.Path}/data/plugins/Meet/Meet.dll bears the name of a built-in plugin.", faults);
    }

    [Fact]
    public async Task What_the_host_does_not_give_to_plugins_cannot_be_injected()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        var nosy = new PluginDeclaration("Nosy");
        new PluginBuilder(nosy).MapHttp<NosyPage>("/nosy");

        var fault = Assert.Throws<PluginFaultException>(() => Build(host, nosy, []));

        Assert.Contains("Unable to resolve service for type 'Parley.Server.Host.Plugins.PluginManager'", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    internal static async Task<string?> AskAsync(PluginHost host)
    {
        var iq = Iq.Request("get", "1", Jid.Parse("a@localhost/x"), Jid.Parse("localhost"), new Element("ask", Ns));
        var reply = await host.Table.Iqs[Ask][0].Handler.HandleAsync(new IqRequest(iq, new SenderInfo(SenderKind.Account), "localhost"), TestContext.Current.CancellationToken);
        return reply.Iq?.Payload?.Value;
    }

    private static async Task<string> GetAsync(PluginHost host, string path)
    {
        var found = host.Http.Find(path, out var rest);
        var context = new DefaultHttpContext { Request = { PathBase = found!.Prefix, Path = rest }, Response = { Body = new MemoryStream() } };
        await found.Handler.HandleAsync(context);
        context.Response.Body.Position = 0;
        return await new StreamReader(context.Response.Body).ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static IReadOnlyList<string> CheckBeside(PluginHost host, PluginDeclaration declaration, string[] hosts)
    {
        var faults = new Faults();
        host.Service<PluginTables>().Check([.. host.Manager.Running, Build(host, declaration, hosts)], faults);
        return faults.Lines;
    }

    private static LoadedPlugin Build(PluginHost host, PluginDeclaration declaration, string[] hosts) =>
        LoadedPlugin.Build(new LoadedCode(declaration, null), new PluginSwitches(true, [.. hosts]), host.Configuration.Root, host.Service<ContributionTable>(), host.Services);

    private sealed class Options
    {
        public int Port { get; set; }
    }

    private sealed class NoAnswer : IIqHandler
    {
        public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(iq.Result());
    }

    private sealed class NoPage : IHttpHandler
    {
        public Task HandleAsync(HttpContext context) => Task.CompletedTask;
    }

    private sealed class NosyPage(PluginManager manager) : IHttpHandler
    {
        public Task HandleAsync(HttpContext context) => manager.StopAsync(TimeSpan.Zero);
    }

    private sealed class NoComponent : IComponent
    {
        public ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct) => default;

        public DiscoInfo? Describe(Jid address, string? node) => null;
    }
}

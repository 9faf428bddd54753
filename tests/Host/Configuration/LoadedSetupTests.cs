using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Http;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Host.Configuration;

/// <summary>The whole configuration, as <c>run</c> and <c>check</c> read it.</summary>
public sealed class LoadedSetupTests : IDisposable
{
    private readonly Scratch _scratch = new();

    [Fact]
    public void The_shipped_file_holds_the_defaults_and_nothing_else()
    {
        var shipped = HostConfiguration.Load(Path.Combine(Repository.Root, HostConfiguration.DefaultFile), [], new Dictionary<string, string?>());
        var setup = Load(Path.Combine(Repository.Root, HostConfiguration.DefaultFile));
        foreach (var entry in setup.Plugins.Entries)
        {
            foreach (var options in entry.Code.Declaration.Options)
            {
                var section = options.TopLevelSection ?? entry.Code.Declaration.Section;
                AssertSame(Activator.CreateInstance(options.Type)!, shipped.Root.GetSection(section), options, entry.Code.Declaration);
            }

            Assert.True(entry.Switches.Enabled);
        }

        foreach (var (name, section) in new (string, object)[] { ("Server", new ServerOptions()), ("Storage", new StorageOptions()), ("Listeners", new ListenersOptions()), ("Auth", new AuthOptions()), ("Guests", new GuestsOptions()), ("Sessions", new SessionsOptions()), ("ClientState", new ClientStateOptions()), ("Logging", new LoggingOptions()) })
        {
            var missing = Missing(section, shipped.Root.GetSection(name));
            Assert.True(missing.Count == 0, $"config/appsettings.json lacks {string.Join(", ", missing)}");
        }

        Assert.Equal((5222, 5223, 5280, 5281), (setup.Settings.Server.Listeners.C2S.Port, setup.Settings.Server.Listeners.C2STls.Port, setup.Settings.Server.Listeners.Http.Port, setup.Settings.Server.Listeners.Https.Port));
        Assert.Equal("localhost", setup.Settings.Server.Domains[0]);
        Assert.True(setup.Settings.Server.IsLoopbackOnly);
    }

    [Fact]
    public void All_faults_are_named_together_each_by_its_key()
    {
        var file = _scratch.Write("a.json", """{ "Server": { "Domian": "x", "BindAddress": "here" }, "Sever": { "Domain": "y" }, "Plugins": { "Meat": { "Enabled": true }, "Meet": { "Hosts": ["elsewhere"] }, "ExtDisco": { "Color": 1 } } }""");

        var faults = Faults(file, ("Listeners:C2S:Port", "many"), ("Plugins:TurnCredentials:Lifetime", "00:00:00"), ("Auth:ChannelBinding", "perhaps"));

        Assert.Equal([
            "Auth:ChannelBinding: \"perhaps\" is wrong, must be true or false (from the command line).",
            "Listeners:C2S:Port: \"many\" is wrong, must be a whole number from -2147483648 to 2147483647 (from the command line).",
            $"Plugins:ExtDisco:Color: there is no such key (from {file}).",
            $"Plugins:Meat:Enabled: there is no such key (from {file}); did you mean Plugins:Meet:Enabled?",
            $"Plugins:Meet:Hosts: \"elsewhere\" is wrong, must be among the served domains (localhost) (from {file}).",
            "Plugins:TurnCredentials:Lifetime: must be between 00:00:01 and 30.00:00:00.",
            "Server:BindAddress: \"here\" is not an IP address.",
            $"Server:Domian: there is no such key (from {file}); did you mean Server:Domain?",
            $"Sever:Domain: there is no such key (from {file}); did you mean Server:Domain?",
        ], faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_value_that_cannot_be_read_hides_no_fault_beside_it()
    {
        var faults = Faults(null, ("Turn:Prot", "1"), ("Turn:RelayPorts", "9-1"), ("Media:Workers", "x"), ("Media:FirstPort", "80"));

        Assert.Equal(["Media:FirstPort", "Media:Workers", "Turn:Prot", "Turn:RelayPorts"], faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Server:DataDirectory", "", "Server:DataDirectory: must name a directory.")]
    [InlineData("Server:DataDirectory", "a\0b", "Server:DataDirectory: must name a directory.")]
    [InlineData("Listeners:Http:Port", "5222", "Listeners:Http:Port: 5222 is the port of Listeners:C2S already.")]
    [InlineData("Turn:TlsPort", "5281", "Turn:TlsPort: 5281 is the port of Listeners:Https:Port already.")]
    [InlineData("Turn:TlsPort", "3478", "Turn:TlsPort: 3478 is the port of Turn:Port already.")]
    [InlineData("Turn:Port", "50000", "Turn:Port: 50000 lies within Turn:RelayPorts (49152-65535).")]
    [InlineData("Turn:Port", "10000", "Turn:Port: 10000 is one of the media ports (10000-10001: Media:FirstPort, and one more for each further worker).", "Media:Workers", "2")]
    [InlineData("Media:FirstPort", "49150", "Media:FirstPort: the media ports (49150-49153, one for each worker) share ports with Turn:RelayPorts (49152-65535).", "Media:Workers", "4")]
    [InlineData("Turn:TlsHost", "turn example", "Turn:TlsHost: must be a host name, such as turn.example.org.")]
    [InlineData("Listeners:Http:AllowedOrigins", "https://a.example,chat.example.org", "Listeners:Http:AllowedOrigins:1: \"chat.example.org\" is not an origin such as https://chat.example.org.")]
    [InlineData("Listeners:Http:MetricsFrom", "10.0.0.0/33", "Listeners:Http:MetricsFrom:0: \"10.0.0.0/33\" is not a network such as 192.0.2.0/24.")]
    [InlineData("Listeners:Http:TrustedProxies", "127.0.0.1/32,proxy", "Listeners:Http:TrustedProxies:1: \"proxy\" is not a network such as 127.0.0.1/32.")]
    [InlineData("Limits:RequestsPerSecondPerAddress", "-1", "Limits:RequestsPerSecondPerAddress: must be between 0 and 1000000.")]
    [InlineData("Listeners:Http:TrustedProxies", "::/0", "Listeners:Http:TrustedProxies:0: \"::/0\" is everybody, and everybody could say to come from anywhere.")]
    [InlineData("Listeners:Http:AllowedOrigins", "https://a.example/page", "Listeners:Http:AllowedOrigins:0: \"https://a.example/page\" is not an origin such as https://chat.example.org.")]
    public void A_value_of_no_use_is_named(string key, string value, string fault, string? otherKey = null, string? other = null) =>
        Assert.Equal([fault], Faults(null, otherKey is null ? [(key, value)] : [(key, value), (otherKey, other!)]));

    [Theory]
    [InlineData("127.0.0.1", null, null, true)]
    [InlineData("127.0.0.1", "127.0.0.1/32", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1/32", "true", true)]
    [InlineData("0.0.0.0", null, null, false)]
    public void Guests_come_by_default_where_nobody_comes_from_elsewhere(string bind, string? proxy, string? set, bool expected)
    {
        List<(string, string)> settings = [("Server:BindAddress", bind)];
        if (proxy is not null) settings.Add(("Listeners:Http:TrustedProxies", proxy));
        if (set is not null) settings.Add(("Guests:Enabled", set));
        Assert.Equal(expected, Load(null, [.. settings]).Settings.Server.GuestsEnabled);
    }

    [Theory]
    [InlineData("12000-12999", null)]
    [InlineData("49100-49199", "Media:RawPorts: 49100-49199 shares ports with Turn:RelayPorts (49152-65535).")]
    [InlineData("10000-10099", "Media:RawPorts: 10000-10099 shares ports with the media ports (10000-10001: Media:FirstPort, and one more for each further worker).")]
    [InlineData("3400-3499", "Media:RawPorts: Turn:Port (3478) lies within 3400-3499.")]
    public void Ports_of_media_without_encryption_count_where_it_is_on(string ports, string? fault)
    {
        (string, string)[] off = [("Media:Workers", "2"), ("Media:RawPorts", ports), ("Plugins:FocusAgent:RawUdp:AllowedNetworks", "10.1.2.0/24,10.1.3.0/24")];
        Assert.Null(Greeting.RawPorts(Load(_scratch.Write("off.json", "{}"), off)));
        (string, string)[] on = [.. off, ("Plugins:FocusAgent:RawUdp:Enabled", "true")];
        if (fault is not null) Assert.Equal([fault], Faults(null, on));
        else Assert.Equal("for media without encryption, from 10.1.2.0/24 10.1.3.0/24 and nobody else: UDP 12000-12999", Greeting.RawPorts(Load(_scratch.Write("on.json", "{}"), on)));
    }

    [Fact]
    public void Listeners_that_are_off_share_nothing() =>
        Assert.Empty(Load(_scratch.Write("none.json", "{}"), ("Listeners:C2S:Port", "0"), ("Listeners:C2STls:Port", "0"), ("Listeners:Http:AllowedOrigins", "https://chat.example.org/")).Settings.Server.Validate());

    [Fact]
    public void The_command_line_wins_over_the_environment_which_wins_over_the_file()
    {
        var file = _scratch.Write("a.json", """{ "Listeners": { "C2S": { "Port": 1 }, "C2STls": { "Port": 2 }, "Http": { "Port": 3 } } }""");
        var environment = new Dictionary<string, string?> { ["PARLEY_Listeners__C2S__Port"] = "11", ["PARLEY_Listeners__C2STls__Port"] = "12", ["PARLEY_LONG"] = "1", ["Listeners__Http__Port"] = "13" };

        var configuration = HostConfiguration.Load(file, [new("Listeners:C2S:Port", "21")], environment);

        Assert.Equal(["21", "12", "3", null], new[] { "C2S", "C2STls", "Http", "Https" }.Select(l => configuration.Root[$"Listeners:{l}:Port"]));
        Assert.Equal(["the command line", "the environment", file], new[] { "C2S", "C2STls", "Http" }.Select(l => configuration.SourceOf($"Listeners:{l}:Port")));
        Assert.Null(configuration.Root["LONG"]);
    }

    [Fact]
    public void A_key_that_two_variables_set_is_named_with_both()
    {
        var environment = new Dictionary<string, string?> { ["PARLEY_Server__Domain"] = "a.example", ["PARLEY_SERVER__DOMAIN"] = "b.example" };

        var fault = Assert.Throws<StartFailureException>(() => HostConfiguration.Load(_scratch.Write("none.json", "{}"), [], environment));

        Assert.EndsWith(": set twice in the environment, by PARLEY_SERVER__DOMAIN and PARLEY_Server__Domain; keep one.", fault.Message, StringComparison.Ordinal);
        Assert.Equal("Server:Domain", fault.Key, ignoreCase: true);
    }

    [Fact]
    public void A_file_that_is_no_JSON_is_named_with_the_place()
    {
        var file = _scratch.Write("broken.json", "{\n  \"Server\": {\n    \"Domain\" \"x\"\n  }\n}");

        var fault = Assert.Throws<StartFailureException>(() => HostConfiguration.Load(file, []));

        Assert.StartsWith(file + ": cannot be read: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_be_there() =>
        Assert.Equal("--config: there is no file nowhere.json.", Assert.Throws<StartFailureException>(() => HostConfiguration.Load("nowhere.json", [])).Message);

    [Fact]
    public void A_wrong_value_left_in_a_plugin_that_is_off_is_still_named() =>
        Assert.Equal(["Plugins:TurnCredentials:Lifetime: must be between 00:00:01 and 30.00:00:00."], Faults(null, ("Plugins:TurnCredentials:Enabled", "false"), ("Plugins:TurnCredentials:Lifetime", "99.00:00:00")));

    [Theory]
    [InlineData("Server:Domain", "chat.example", true)]
    [InlineData("Server:Domains:0", "chat.example", true)]
    [InlineData("Server:Domains:0", "also.localhost", false)]
    [InlineData("Listeners:Http:AllowedOrigins:0", "https://chat.example", false)]
    [InlineData("Server:BindAddress", "192.0.2.1", false)]
    public void An_operator_hears_when_a_domain_reaches_no_HTTP_because_the_server_is_bound_to_loopback(string key, string value, bool isTold)
    {
        var isDomain = key.StartsWith("Server:Domain", StringComparison.Ordinal);
        (string, string)[] settings = [(key, value), ("Server:BindAddress", "127.0.0.1"), .. isDomain ? ((string, string)[])[] : [("Server:Domain", "chat.example")]];

        var warning = LoopbackRule.Warn(Load(_scratch.Write("none.json", "{}"), settings).Settings.Server);

        if (isTold) Assert.Contains("such as https://chat.example,", warning, StringComparison.Ordinal);
        else Assert.Null(warning);
    }

    public void Dispose() => _scratch.Dispose();

    private LoadedSetup Load(string? file, params (string Key, string Value)[] settings) =>
        LoadedSetup.Load(new CommandLine(new SettingArguments([], [.. settings.Append(("Server:DataDirectory", _scratch.Path)).DistinctBy(s => s.Item1).Select(s => new KeyValuePair<string, string?>(s.Item1, s.Item2))], []), file));

    private IReadOnlyList<string> Faults(string? file, params (string Key, string Value)[] settings) => Assert.Throws<ConfigurationException>(() => Load(file ?? _scratch.Write("none.json", "{}"), settings)).Faults;

    private static List<string> Missing(object defaults, IConfigurationSection section) => [.. defaults.GetType().GetProperties().SelectMany(p =>
        section.GetChildren().FirstOrDefault(c => c.Key == p.Name) is not { } child ? [$"{section.Path}:{p.Name}"]
        : p.GetValue(defaults) is ListenerOptions nested ? Missing(nested, child) : [])];

    // What the file says binds to what the code would have without it.
    private static void AssertSame(object defaults, IConfigurationSection section, OptionsDeclaration options, PluginDeclaration plugin)
    {
        var bound = Activator.CreateInstance(options.Type)!;
        OptionsBinder.Bind(section, bound, new Faults(), PluginConfiguration.KnownElsewhere(plugin, options));
        Assert.Equivalent(defaults, bound, strict: true);
        // And every key that has a default of its own stands in the file, so that an operator finds it there.
        var missing = OptionsBinder.NamesOf(options.Type).Where(n => !section.GetChildren().Any(c => c.Key == n));
        Assert.True(!missing.Any(), $"{section.Path} lacks {string.Join(", ", missing)} in config/appsettings.json");
    }
}

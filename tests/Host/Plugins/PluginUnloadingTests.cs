using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Host.Plugins;

/// <summary>A plugin comes and goes while the server runs, and leaves nothing behind.</summary>
public sealed class PluginUnloadingTests : IDisposable
{
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task A_drop_in_that_was_used_is_gone_after_each_of_three_unloads()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        for (var round = 0; round < 3; round++)
        {
            await UseAsync(host);
            Assert.True(await host.Manager.DisableAsync("DropIn", TestContext.Current.CancellationToken), $"round {round} did not let go");
            Assert.DoesNotContain(AssemblyLoadContext.All, c => c.Name == "DropIn" && Contexts(_scratch).Contains(c));
            Assert.DoesNotContain(host.Table.Iqs.Keys, k => k.Namespace == "urn:parley:test:drop-in");
            Assert.DoesNotContain(host.Table.Components.Keys, k => k.StartsWith("drop.", StringComparison.Ordinal));
            Assert.Null(host.Http.Find("/drop-in", out _));
            Assert.DoesNotContain(host.Contributions<IStatusSource>(), s => s.Name == "dropIn");
            await host.Manager.EnableAsync("DropIn", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task One_that_leaves_a_thread_behind_is_told_of()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch, ("Plugins:DropIn:Fault", "Linger"));

        Assert.False(await host.Manager.DisableAsync("DropIn", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reload_takes_what_the_file_says_now()
    {
        _scratch.DropIn();
        _scratch.Write("a.json", """{ "Plugins": { "DropIn": { "Greeting": "first" } } }""");
        await using var host = await PluginHost.StartAsync(_scratch);
        Assert.Equal("first", await PluginLoadingTests.AskAsync(host));

        _scratch.Write("a.json", """{ "Plugins": { "DropIn": { "Greeting": "second" } } }""");
        await host.Manager.ReloadAsync("DropIn", TestContext.Current.CancellationToken);
        Assert.Equal("second", await PluginLoadingTests.AskAsync(host));
    }

    [Theory]
    [InlineData("""{ "Plugins": { "DropIn": { "Size": 11 } } }""", "Plugins:DropIn: cannot be loaded. Plugins:DropIn:Size: must be between 1 and 9.")]
    [InlineData("""{ "Plugins": { "DropIn": { "Fault": "Start" } } }""", "Plugins:DropIn: the port 1 is taken")]
    public async Task A_reload_that_fails_says_why_and_leaves_the_plugin_off(string file, string why)
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        _scratch.Write("a.json", file);

        var fault = await Assert.ThrowsAsync<PluginFaultException>(() => host.Manager.ReloadAsync("DropIn", TestContext.Current.CancellationToken));

        Assert.StartsWith(why, fault.Message, StringComparison.Ordinal);
        Assert.Contains(host.Manager.List(), p => p.Source.Name == "DropIn" && !p.IsRunning);
        Assert.DoesNotContain(host.Table.Iqs.Keys, k => k.Namespace == "urn:parley:test:drop-in");
    }

    [Fact]
    public async Task New_values_reach_running_plugins_and_those_that_were_reloaded_can_still_go()
    {
        _scratch.DropIn();
        _scratch.Write("a.json", """{ "Plugins": { "DropIn": { "Greeting": "first" } } }""");
        await using var host = await PluginHost.StartAsync(_scratch);
        foreach (var greeting in (string[])["second", "third"])
        {
            _scratch.Write("a.json", $$"""{ "Plugins": { "DropIn": { "Greeting": "{{greeting}}" } } }""");
            host.Service<ConfigurationReload>().Run();
            Assert.Equal(greeting, await PluginLoadingTests.AskAsync(host));
        }

        Assert.True(await host.Manager.DisableAsync("DropIn", TestContext.Current.CancellationToken)); // nothing that listens for changes holds it
    }

    [Theory]
    [InlineData("""{ "Plugins": { "DropIn": { "Greeting": "second", "Size": 11 }, "Ping": { "Loud": true } } }""", "Plugins:Ping:Loud: there is no such key", "Plugins:DropIn:Size: must be between 1 and 9.")]
    [InlineData("""{ "Plugins": { "DropIn": { "Greeting": "second" } }, "Server": { "Domain": "@" } }""", "Server:Domain:", null)]
    public async Task Values_that_are_wrong_anywhere_are_named_and_none_of_the_others_count(string file, string fault, string? other)
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        _scratch.Write("a.json", file);
        var lines = Assert.Throws<ConfigurationException>(() => host.Service<ConfigurationReload>().Run()).Faults;
        Assert.Contains(lines, l => l.StartsWith(fault, StringComparison.Ordinal));
        if (other is not null) Assert.Contains(other, lines);
        Assert.Equal("hello", await PluginLoadingTests.AskAsync(host));
        _scratch.Write("a.json", "{");
        Assert.Throws<StartFailureException>(() => host.Service<ConfigurationReload>().Run());
        Assert.Equal("hello", await PluginLoadingTests.AskAsync(host));
    }

    [Fact]
    public async Task A_reload_with_a_broken_file_changes_nothing()
    {
        _scratch.DropIn();
        await using var host = await PluginHost.StartAsync(_scratch);
        _scratch.Write("a.json", "{");

        await Assert.ThrowsAsync<StartFailureException>(() => host.Manager.ReloadAsync("DropIn", TestContext.Current.CancellationToken));

        Assert.Equal("hello", await PluginLoadingTests.AskAsync(host));
    }

    [Fact]
    public async Task A_plugin_dropped_in_later_is_enabled_by_name()
    {
        await using var host = await PluginHost.StartAsync(_scratch);
        await Assert.ThrowsAsync<PluginFaultException>(() => host.Manager.EnableAsync("DropIn", TestContext.Current.CancellationToken));

        _scratch.DropIn();
        await host.Manager.EnableAsync("DropIn", TestContext.Current.CancellationToken);

        Assert.Equal("hello", await PluginLoadingTests.AskAsync(host));
        await Assert.ThrowsAsync<PluginFaultException>(() => host.Manager.EnableAsync("DropIn", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_built_in_plugin_is_turned_off_and_on_too()
    {
        await using var host = await PluginHost.StartAsync(_scratch);
        Assert.NotNull(host.Http.Find("/meet/x", out _));

        Assert.True(await host.Manager.DisableAsync("Meet", TestContext.Current.CancellationToken));
        Assert.Null(host.Http.Find("/meet/x", out _));

        await host.Manager.EnableAsync("Meet", TestContext.Current.CancellationToken);
        Assert.NotNull(host.Http.Find("/meet/x", out _));
    }

    public void Dispose() => _scratch.Dispose();

    // Apart, so that no local of the test holds what is to go.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task UseAsync(PluginHost host)
    {
        Assert.Equal("hello", await PluginLoadingTests.AskAsync(host));
        Assert.Contains(host.Contributions<IStatusSource>(), s => s.Read().ContainsKey("drops"));
        Assert.NotNull(host.Table.Components["drop.localhost"].Component.Describe(Parley.Xmpp.Core.Addressing.Jid.Parse("drop.localhost"), null));
    }

    private static IEnumerable<AssemblyLoadContext> Contexts(Scratch scratch) => AssemblyLoadContext.All.OfType<PluginLoadContext>().Where(c => c.Main.StartsWith(scratch.Path, StringComparison.Ordinal));
}

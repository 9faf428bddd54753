using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>An operator's own plugin, from its source to its answer: compiled outside the solution against the packed contract, dropped in, asked over the wire.</summary>
public sealed class MotdTests : RunningTest
{
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task The_sample_compiles_against_the_packages_and_answers()
    {
        var plugin = Compile();
        await StartAsync();
        var directory = Directory.CreateDirectory(Path.Combine(Server.DataDirectory, "plugins", "Motd")).FullName;
        foreach (var file in Directory.GetFiles(plugin)) File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));

        Server.AddUser("ann@localhost", "secret");
        await using var client = await LoginAsync();
        Assert.Contains("service-unavailable", await AskAsync(client, "before"), StringComparison.Ordinal);

        Said("Motd runs.", "plugin", "enable", "Motd");
        Assert.Contains(">Hello</motd>", await AskAsync(client, "running"), StringComparison.Ordinal);
        Assert.Contains("urn:acme:motd", await DiscoverAsync(client), StringComparison.Ordinal);

        Said("Motd is off.", "plugin", "disable", "Motd");
        Assert.Contains("service-unavailable", await AskAsync(client, "off"), StringComparison.Ordinal);

        Assert.Equal(0, Server.Stop());
        await Server.StartAgainAsync(settings: ["--Plugins:Motd:Text", "Mind the step"]);
        await using var later = await LoginAsync();
        Assert.Contains(">Mind the step</motd>", await AskAsync(later, "configured"), StringComparison.Ordinal);
    }

    // In a folder outside the working copy, with a package cache of its own: neither the solution nor a package of an earlier build can help.
    private string Compile()
    {
        var (packages, sample, output) = (Path.Combine(_scratch.Path, "artifacts/packages"), Path.Combine(_scratch.Path, "samples/Motd"), Path.Combine(_scratch.Path, "out"));
        foreach (var project in new[] { "Xmpp.Core", "Plugin.Abstractions" })
        {
            Dotnet("pack", Path.Combine(Repository.Root, project), "--no-build", "-c", Repository.Configuration, "-o", packages);
        }

        Directory.CreateDirectory(sample);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "samples/Motd"))) File.Copy(file, Path.Combine(sample, Path.GetFileName(file)));
        Dotnet("build", sample, "-c", "Release", "-o", output, "-p:RestorePackagesPath=" + Path.Combine(_scratch.Path, "cache"));
        return output;
    }

    private static void Dotnet(params string[] args)
    {
        var result = Shell.TryRun(TimeSpan.FromMinutes(5), "dotnet", [.. args, "--nologo", "-v", "quiet"]);
        Assert.True(result.ExitCode == 0, result.All);
    }

    private void Said(string message, params string[] args)
    {
        var result = Server.Cli(args);
        Assert.Equal((0, message), (result.ExitCode, result.All.Trim()));
    }

    private async Task<XmppTestClient> LoginAsync()
    {
        var client = await XmppTestClient.ConnectAsync(Namespace, isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync("ann", "secret");
        return client;
    }

    private static async Task<string> AskAsync(XmppTestClient client, string id)
    {
        await client.SendAsync($"<iq xmlns='jabber:client' type='get' id='{id}' to='localhost'><motd xmlns='urn:acme:motd'/></iq>");
        return (await client.HearAsync($"<iq [^>]*id=['\"]{id}['\"].*?</iq>")).Value;
    }

    private static async Task<string> DiscoverAsync(XmppTestClient client)
    {
        await client.SendAsync("<iq xmlns='jabber:client' type='get' id='info' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        return (await client.HearAsync("<iq [^>]*id=['\"]info['\"].*?</iq>")).Value;
    }
}

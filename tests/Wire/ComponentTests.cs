using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp as an external component.</summary>
public sealed class ComponentTests : WireTest
{
    [Fact]
    public async Task A_component_connects_talks_with_people_and_is_missed_when_it_goes()
    {
        await StartAsync("--Components:0:Name", "echo.localhost", "--Components:0:Secret", "hush");
        Server.AddUser("ann@localhost", "correct horse");

        var told = PythonClient.Run(Namespace, "component", Server.Certificate, "ann@localhost", "correct horse", "echo.localhost", "hush", "5347");

        Assert.Equal([("echo@echo.localhost", "hello 0 <&> 😀"), ("echo@echo.localhost", "hello 1 <&> 😀"), ("echo@echo.localhost", "hello 2 <&> 😀")], told.GetProperty("echoes").EnumerateArray().Select(e => (e[0].GetString(), e[1].GetString())));
        Assert.Contains("echo.localhost", Strings(told.GetProperty("items")));
        Assert.Equal(["Echo"], Strings(told.GetProperty("identity")));
        Assert.True(told.GetProperty("ping").GetBoolean());
        Assert.Equal("echo@echo.localhost", told.GetProperty("subscribed").GetString());
        Assert.Equal(["stun", "turn", "turns"], Strings(told.GetProperty("services")));
        Assert.Equal("remote-server-timeout", told.GetProperty("absent").GetString());
        Assert.Contains("components.echo.localhost absent", Server.Cli("status").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_component_stops_the_start_and_its_key_is_named()
    {
        var result = Namespace.Run(TimeSpan.FromSeconds(30), "dotnet", ServerProcess.Program, "check", "--Components:0:Name", "not a domain", "--Components:1:Name", "localhost", "--Components:1:Secret", "x");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Components:0:Name: \"not a domain\" is not a domain name.", result.All, StringComparison.Ordinal);
        Assert.Contains("Components:0:Secret: must not be empty.", result.All, StringComparison.Ordinal);
        Assert.Contains("Components:1:Name: localhost is a domain that the server itself serves.", result.All, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}

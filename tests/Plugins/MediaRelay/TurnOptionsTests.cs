using Parley.Plugins.MediaRelay;

namespace Parley.tests.Plugins.MediaRelay;

public sealed class TurnOptionsTests
{
    [Fact]
    public void The_defaults_are_right() => Assert.Empty(TurnOptions.Validate(new TurnOptions()));

    [Theory]
    [InlineData("")]
    [InlineData("49152")]
    [InlineData("49153-50000")]
    [InlineData("50000-49152")]
    [InlineData("50000-50000")]
    [InlineData("1000-2000")]
    [InlineData("50000-65536")]
    [InlineData(" 50000-60000")]
    [InlineData("50000-60000-1")]
    public void Relay_ports_are_a_range_that_begins_with_an_even_port(string ports) =>
        Assert.StartsWith("RelayPorts:", Assert.Single(TurnOptions.Validate(new() { RelayPorts = ports })), StringComparison.Ordinal);

    [Fact]
    public void Every_fault_is_told_by_its_key()
    {
        var options = new TurnOptions { Port = 0, TlsPort = -1, AllowedPeers = ["10.0.0.0/8", "10.0.0.1", "x/8"], AllocationsPerAccount = 0, AllocationsPerGuestGroup = 0, AllocationsPerGuestRoom = 0, TlsHost = "a b", MaxConnections = 0, ConnectionsPerAddress = 0, ConnectionsPerAllocation = 0 };
        Assert.Equal(["Port", "TlsPort", "AllowedPeers:1", "AllowedPeers:2", "TlsHost", "MaxConnections", "ConnectionsPerAddress", "ConnectionsPerAllocation", "AllocationsPerAccount", "AllocationsPerGuestGroup", "AllocationsPerGuestRoom"],
            TurnOptions.Validate(options).Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }
}

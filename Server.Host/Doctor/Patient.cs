using System.Net;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Doctor;

/// <summary>The server under examination, as its configuration describes it.</summary>
internal sealed class Patient(LoadedSetup setup)
{
    public LoadedSetup Setup { get; } = setup;

    public XmppServerSettings Settings { get; } = setup.Settings.Server;

    /// <summary>Where others reach it.</summary>
    public IPAddress Advertised { get; } = AdvertisedAddressResolver.Resolve(setup.Settings.Server);

    /// <summary>Where it is reached from this machine, whatever lies before it.</summary>
    public IPAddress Here => Settings.BindAddress.Equals(IPAddress.Any) ? IPAddress.Loopback : Settings.BindAddress.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : Settings.BindAddress;

    /// <summary>Whether TURN is on; null where no plugin serves it.</summary>
    public bool? TurnEnabled => Setup.Claimed.Find("Turn", "Enabled") is { } on ? on == bool.TrueString : null;

    public int TurnPort => Setup.Claimed.FindNumber("Turn", "Port") ?? 0;

    /// <summary>Whether a plugin is there and on.</summary>
    public bool HasPlugin(string name) => Setup.Plugins.Entries.Any(e => e.Source.Name == name && e.Switches.Enabled);
}

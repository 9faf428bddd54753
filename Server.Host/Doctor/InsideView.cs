using System.Net;
using Parley.Doctor.Network;
using Parley.Doctor;
using Parley.Server.Host.Commands;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Doctor;

/// <summary>What the configuration and the running server say before anybody calls.</summary>
internal sealed class InsideView(LoadedSetup setup)
{
    private readonly XmppServerSettings _settings = setup.Settings.Server;
    private readonly IPAddress _advertised = AdvertisedAddressResolver.Resolve(setup.Settings.Server, StunQuestion.Ask);

    /// <summary>The server as its configuration describes it.</summary>
    public Patient Describe(Login? login) => new(_settings.Domains[0])
    {
        FurtherDomains = [.. _settings.Domains.Skip(1)],
        Login = login,
        Inside = new InsideFacts(Here, _advertised, _settings.IsLoopbackOnly)
        {
            Listeners = ListenerFaults.Ports(_settings, setup.Listeners),
            CallsDomain = HasPlugin("FocusAgent") ? setup.Configuration.Root["Plugins:FocusAgent:Domain"] ?? "calls." + _settings.Domains[0] : null,
            MediaPorts = setup.Udp.Media?.ToString() ?? "",
            RelayPorts = setup.Claimed.Find("Turn", "RelayPorts") ?? "",
            TurnPort = TurnIsOn ? setup.Claimed.FindNumber("Turn", "Port") : null,
            NewestFile = NewestFile(),
        },
    };

    /// <summary>What is wrong with the configuration as such.</summary>
    public IReadOnlyList<Finding> JudgeConfiguration()
    {
        var findings = new Findings("configuration");
        findings.Ok("the configuration is right");
        foreach (var warning in AdvertisedAddressResolver.Warn(_settings, _advertised)) findings.Warn(Causes.AdvertisedPrivate, warning, "set Server:AdvertisedAddress to the public address of the server");
        if (!HasPlugin("MediaRelay") || setup.Claimed.Find("Turn", "Enabled") is null) Off(Causes.TurnOff, "MediaRelay", "calls have no media and clients no TURN");
        else if (!TurnIsOn) findings.Fail(Causes.TurnOff, "Turn:Enabled is false: callers behind strict firewalls have no way in", "set Turn:Enabled to true");
        if (!HasPlugin("FocusAgent")) Off(Causes.NoCallRooms, "FocusAgent", "there are no call rooms");
        if (!HasPlugin("ExtDisco")) Off(Causes.ExtDiscoOff, "ExtDisco", "no client learns of STUN and TURN, and some show no call button");
        if (!HasPlugin("TurnCredentials")) Off(Causes.NoTurnListed, "TurnCredentials", "nobody can use TURN");
        if (!HasPlugin("Meet")) findings.Warn(Causes.PluginOff, "the plugin Meet is off: there is no call page for browsers", "set Plugins:Meet:Enabled to true");
        // Their sockets are there while a leg needs them, for those networks alone: there is nothing to probe.
        if (setup.Udp.Raw is { } raw) findings.Ok($"media come without encryption too: UDP {raw} (Media:RawPorts) must be open from {string.Join(" and ", setup.RawNetworks)} and nobody else, which shows in a call only");
        return findings.All;

        void Off(string cause, string name, string meaning) => findings.Fail(cause, $"the plugin {name} is off: {meaning}", $"set Plugins:{name}:Enabled to true");
    }

    /// <summary>Whether the server runs.</summary>
    public async Task<IReadOnlyList<Finding>> JudgeRunningAsync(CancellationToken ct)
    {
        var findings = new Findings("running");
        try
        {
            using var server = new RunningServer(_settings);
            await server.ReadStatusAsync(ct);
            findings.Ok("the server runs and answers for itself");
        }
        catch (StartFailureException e)
        {
            findings.Fail(Causes.NotRunning, e.Message, "start the server with ./parley run");
        }

        return findings.All;
    }

    private bool TurnIsOn => setup.Claimed.Find("Turn", "Enabled") == bool.TrueString;

    // Where it is reached from this machine, whatever lies before it.
    private IPAddress Here => _settings.BindAddress.Equals(IPAddress.Any) ? IPAddress.Loopback : _settings.BindAddress.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : _settings.BindAddress;

    private bool HasPlugin(string name) => setup.Plugins.Entries.Any(e => e.Source.Name == name && e.Switches.Enabled);

    private DateTimeOffset? NewestFile()
    {
        try
        {
            return new DirectoryInfo(_settings.DataDirectory).EnumerateFiles().Select(f => (DateTimeOffset?)f.LastWriteTimeUtc).Max();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // not there before the first start, or not for this user to see
        }
    }
}

using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Hosting;

/// <summary>Says which key to look at when a TCP listener cannot be bound.</summary>
internal static partial class ListenerFaults
{
    /// <summary>The keys of the TCP listeners with their ports, those of plugins last.</summary>
    public static IReadOnlyList<(string Key, int Port)> Ports(XmppServerSettings settings, MappedListeners mapped) =>
        [.. Ports(settings), .. mapped.Own.Select(l => (l.Key, l.Port))];

    /// <summary>The keys of the server's own TCP listeners with their ports.</summary>
    public static IReadOnlyList<(string Key, int Port)> Ports(XmppServerSettings settings) =>
    [
        .. new (string Key, int Port)[]
        {
            ("Listeners:C2S:Port", settings.Listeners.C2S.Port),
            ("Listeners:C2STls:Port", settings.Listeners.C2STls.Port),
            ("Listeners:S2S:Port", settings.FederationEnabled ? settings.Listeners.S2S.Port : 0),
            ("Listeners:S2STls:Port", settings.FederationEnabled ? settings.Listeners.S2STls.Port : 0),
            ("Listeners:Component:Port", settings.Components.Count > 0 ? settings.Listeners.Component.Port : 0),
            ("Listeners:Http:Port", settings.Listeners.Http.Port),
            ("Listeners:Https:Port", settings.Listeners.Https.Port),
        }.Where(p => p.Port > 0),
    ];

    /// <summary>Explains a failure to bind; null if it is something else.</summary>
    public static StartFailureException? Explain(Exception fault, XmppServerSettings settings, MappedListeners mapped)
    {
        var ports = Ports(settings, mapped);
        if (fault is IOException { InnerException: AddressInUseException } && LastNumber().Match(fault.Message) is { Success: true } found)
        {
            var port = int.Parse(found.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            var key = ports.FirstOrDefault(p => p.Port == port).Key ?? "Listeners";
            return new StartFailureException(key, $"port {port} is taken by another program; stop that one, or choose another port.", fault);
        }

        return fault switch
        {
            SocketException { SocketErrorCode: SocketError.AccessDenied } => new StartFailureException(ports.FirstOrDefault(p => p.Port < 1024).Key ?? "Listeners",
                "this user may not listen on a port below 1024.", fault),
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => new StartFailureException("Server:BindAddress", $"this machine has no address {settings.BindAddress}.", fault),
            _ => null,
        };
    }

    [GeneratedRegex(@"(?<=:)\d+(?=[:/ ]*( |: |$))", RegexOptions.CultureInvariant)]
    private static partial Regex LastNumber();
}

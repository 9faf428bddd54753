using System.Reflection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Server.Host.Http;

/// <summary>What <c>./parley status</c> shows: the server's own figures, then a part for each plugin that has some.</summary>
internal sealed class ServerStatus(XmppServerSettings settings, PluginManager plugins, ContributionTable contributions, TimeProvider time, ISessionControl sessions, IEnumerable<IStatusSource> own)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>The program's version.</summary>
    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>The figures of this moment.</summary>
    public Dictionary<string, object?> Read()
    {
        var status = new Dictionary<string, object?>
        {
            ["version"] = Version,
            ["uptimeSeconds"] = (long)time.GetElapsedTime(_started).TotalSeconds,
            ["domains"] = settings.Domains,
            ["streams"] = sessions.Streams,
            ["sessions"] = sessions.SessionsByDomain,
            ["memoryBytes"] = Environment.WorkingSet,
            ["plugins"] = plugins.List().ToDictionary(p => p.Source.Name, p => (object?)(p.IsRunning ? "running" : "off")),
        };
        foreach (var part in own) status[part.Name] = part.Read();
        foreach (var part in contributions.Of<IStatusSource>()) status[part.Name] = part.Read();
        return status;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.About;

[assembly: XmppPlugin(typeof(AboutPlugin))]

namespace Parley.Plugins.About;

/// <summary>Tells of the server: its version (XEP-0092), its time (XEP-0202), since when it runs and when accounts were last here (XEP-0012), whom to write to (XEP-0157) and where to look when it is down (XEP-0455).</summary>
public sealed class AboutPlugin : IXmppPlugin
{
    internal const string Version = "jabber:iq:version", Time = "urn:xmpp:time", Last = "jabber:iq:last";

    // Behind whatever spreads the presence.
    private const int Order = 500;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<LastSeen>();
        plugin
            .AddOptions<AboutOptions>(validate: AboutOptions.Validate)
            .AddTables(LastSeen.Steps)
            .OnIqGet<VersionHandler>(Version, "query")
            .OnIqGet<TimeHandler>(Time, "time")
            .OnIqGet<UptimeHandler>(Last, "query")
            .OnIqGet<LastActivityHandler>(Last, "query", IqTarget.Account)
            .OnPresence<Departures>(StanzaPoint.FromLocalSession, Order)
            .Contribute<IDomainForms, ContactForms>();
    }
}

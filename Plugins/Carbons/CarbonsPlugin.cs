using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Carbons;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(CarbonsPlugin))]

namespace Parley.Plugins.Carbons;

/// <summary>Shows each of an account's clients both sides of its conversations (XEP-0280): also, who took a call (XEP-0353).</summary>
public sealed class CarbonsPlugin : IXmppPlugin
{
    // Behind whatever takes a message: what goes no further was not sent.
    private const int Order = 1000;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<CarbonSessions>().AddSingleton<CarbonCopier>();
        plugin
            .AddFeature(Ns.Carbons)
            .OnIqSet<EnableHandler>(Ns.Carbons, "enable", IqTarget.Account)
            .OnIqSet<DisableHandler>(Ns.Carbons, "disable", IqTarget.Account)
            .Contribute<IBindFeature, BindCarbons>()
            .OnMessage<SentCopies>(StanzaPoint.FromLocalSession, Order)
            .OnMessage<ReceivedCopies>(StanzaPoint.ToSession, Order);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.VCard;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(VCardPlugin))]

namespace Parley.Plugins.VCard;

/// <summary>Keeps a vCard for each account (XEP-0054, XEP-0292), whose photo and the account's avatar are one (XEP-0398).</summary>
public sealed class VCardPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<Avatars>().AddSingleton<CardStore>();
        plugin
            .AddFeature(Ns.VCard) // clients look for it at the server
            .AddOptions<VCardOptions>(validate: o => o.MaxBytes is < 1024 or > 16 * 1024 * 1024 ? ["MaxBytes: must be between 1024 and 16777216."] : [])
            .OnIqGet<VCardGetHandler>(Ns.VCard, "vCard", IqTarget.Account)
            .OnIqSet<VCardSetHandler>(Ns.VCard, "vCard", IqTarget.Account)
            .OnIqGet<VCard4GetHandler>(VCard4.Namespace, "vcard", IqTarget.Account)
            .OnIqSet<VCard4SetHandler>(VCard4.Namespace, "vcard", IqTarget.Account)
            .Contribute<IPresenceAmendment, AvatarHashes>()
            .Contribute<IPersonalEventObserver, AvatarHashes>()
            .Contribute<IAccountObserver, AvatarHashes>()
            .Contribute<IAccountDiscovery, AvatarDiscovery>()
            .Contribute<IPortableData, VCardPortableData>();
    }
}

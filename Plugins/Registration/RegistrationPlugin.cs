using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Registration;
using Parley.Plugins.Registration.Accounts;
using Parley.Plugins.Registration.Invites;
using Parley.Xmpp.Core.AdHoc;

[assembly: XmppPlugin(typeof(RegistrationPlugin))]

namespace Parley.Plugins.Registration;

/// <summary>Lets people change their password, leave, and, as the operator chooses, make an account themselves (XEP-0077), with an invitation (XEP-0401, XEP-0445) or without.</summary>
public sealed class RegistrationPlugin : IXmppPlugin
{
    internal const string Namespace = "jabber:iq:register", PreAuth = "urn:xmpp:pars:0", Prefix = "/invite";

    // Behind blocking, before the roster answers a request for a subscription.
    private const int Order = -10;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<InviteStore>().AddSingleton<InviteMaker>().AddSingleton<Friendship>().AddSingleton<AddressLimits>();
        plugin
            .AddOptions<RegistrationOptions>(validate: RegistrationOptions.Validate)
            .AddTables(InviteStore.Steps)
            .AddFeature(AdHocCommand.Namespace)
            .OnIqGet<AccountGetHandler>(Namespace, "query")
            .OnIqSet<AccountSetHandler>(Namespace, "query")
            .OnIqGet<AccountGetHandler>(Namespace, "query", IqTarget.Account)
            .OnIqSet<AccountSetHandler>(Namespace, "query", IqTarget.Account)
            .OnPresence<InvitedSubscriptions>(StanzaPoint.ToLocalAccount, Order)
            .Contribute<IStrangerService, RegistrationDesk>()
            .Contribute<IServerCommand, InviteContactCommand>()
            .Contribute<IServerCommand, InviteAccountCommand>()
            .Contribute<IInvitations, OperatorInvitations>()
            .MapHttp<InvitePage>(Prefix);
    }
}

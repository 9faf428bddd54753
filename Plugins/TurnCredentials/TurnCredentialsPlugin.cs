using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.TurnCredentials;

[assembly: XmppPlugin(typeof(TurnCredentialsPlugin))]

namespace Parley.Plugins.TurnCredentials;

/// <summary>Issues time-limited TURN credentials by a secret that survives restarts, and tells the embedded TURN server what a username is worth.</summary>
public sealed class TurnCredentialsPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services
            .AddSingleton<SecretRing>()
            .AddSingleton<IssuedNames>()
            .AddSingleton<AccountPresence>();
        plugin
            .AddOptions<TurnCredentialsOptions>(validate: TurnCredentialsOptions.Validate)
            .Contribute<ITurnCredentialIssuer, CredentialIssuer>()
            .Contribute<ITurnKeySource, KeySource>()
            .Contribute<IAccountObserver, RemovedAccounts>()
            .Contribute<ITurnSecrets, SecretRing>()
            .AddHostedService<AccountRefresher>();
    }
}

using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Caps;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Sees presence arrive at accounts: of contacts on other servers, and of people who have just been let in.</summary>
internal sealed class ArrivingPresence(RemoteResources remotes, Interests interests, LastItems lastItems, IRosterStore rosters, ISessionDirectory sessions, ILogger<ArrivingPresence> log) : IPresenceInterceptor, IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        var (account, from) = (presence.To!.Bare, presence.From!);
        if (context.Sender.Kind == SenderKind.Remote && from.Resource is not null)
        {
            if (!presence.IsAvailable)
            {
                if (presence.Type is "unavailable" or "error") remotes.Forget(account, from);
            }
            else if (await rosters.FindAsync(account, from.Bare, ct) is { SubscribedTo: true } or { SubscribedFrom: true })
            {
                // Of contacts alone, and no more of it than is asked for later: strangers may send what they like.
                Hear(account, new Presence(presence.Element.CopyWithout(c => c.Namespace is not (Ns.Caps or Ns.Caps2))));
            }
        }
        else if (presence.Type == "subscribed" && context.Sender.Kind == SenderKind.Account)
        {
            // The contact lets this account in, whose resources hear of the contact's nodes from now on.
            foreach (var session in sessions.Of(account))
            {
                if (session is { IsAvailable: true, Presence: { } own } && interests.Known(session.Jid, own) is { Count: > 0 } wishes) lastItems.Post(from.Bare, session.Jid, wishes);
            }
        }

        return Interception.Continue;
    }

    /// <summary>Gives up what is being asked.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private void Hear(Jid account, Presence presence)
    {
        var (isNew, before) = remotes.Hear(account, presence);
        var claim = CapsClaim.Of(presence);
        if (claim is not null && (isNew || claim != before)) _ = GreetAsync(account, presence, _ending.Token);
    }

    private async Task GreetAsync(Jid account, Presence presence, CancellationToken ct)
    {
        try
        {
            var contact = presence.From!;
            if (await rosters.FindAsync(account, contact.Bare, ct) is not { SubscribedFrom: true }) return;
            var wishes = await interests.LearnAsync(contact, presence, account, ct);
            if (wishes.Count > 0) lastItems.Post(account, contact, wishes);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The plugin is being unloaded.
        }
        catch (Exception e)
        {
            log.LogError(e, "Sending last items to another server failed");
        }
    }
}

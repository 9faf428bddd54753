using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Registration.Accounts;

/// <summary>Changes an account's password (XEP-0077 section 3.3) or removes the account (section 3.2): its owner's right, however accounts are made.</summary>
internal sealed class AccountSetHandler(IAccountManager accounts, IRosterStore rosters, IStanzaRouter router) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!Own.Is(iq)) return iq.Error(StanzaCondition.Forbidden);
        if (iq.Payload.Child("remove") is not null)
        {
            // Section 3.2: it stands alone.
            return iq.Payload.Children.Count() == 1 ? await RemoveAsync(iq, ct) : iq.Error(StanzaCondition.BadRequest);
        }

        if (iq.Payload.Child("username")?.Value is not { Length: > 0 } user || iq.Payload.Child("password")?.Value is not { Length: > 0 } password) return iq.Error(StanzaCondition.BadRequest);
        if (!Jid.TryCreate(user, iq.From.Domain, null, out var account) || account != iq.From.Bare) return iq.Error(StanzaCondition.NotAllowed, "That is not your account.");
        try
        {
            // The sessions end once the answer is out: whoever knew the old password is out.
            return await accounts.SetPasswordAsync(account, password, ct) ? iq.Result() : iq.Error(StanzaCondition.ItemNotFound);
        }
        catch (ArgumentException)
        {
            return iq.Error(StanzaCondition.NotAcceptable, "That password cannot be used.");
        }
    }

    private async ValueTask<IqReply> RemoveAsync(IqRequest iq, CancellationToken ct)
    {
        var account = iq.From.Bare;
        var contacts = await rosters.ReadAsync(account, ct);
        // While there is somebody to say it: contacts elsewhere would wait for a presence that never comes.
        foreach (var contact in contacts)
        {
            if (contact.SubscribedFrom) await SendAsync("unsubscribed", account, contact.Contact, ct);
            if (contact.SubscribedTo || contact.PendingOut) await SendAsync("unsubscribe", account, contact.Contact, ct);
        }

        return await accounts.RemoveAsync(account, ct) ? iq.Result() : iq.Error(StanzaCondition.ItemNotFound);
    }

    private ValueTask SendAsync(string type, Jid from, Jid to, CancellationToken ct) =>
        router.RouteAsync(new Presence(new Element("presence", Ns.Client).Attr("from", from.ToString()).Attr("to", to.ToString()).Attr("type", type)), ct);
}

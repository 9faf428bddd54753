using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Registration.Invites;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Registration;

/// <summary>Makes accounts for people who have none yet (XEP-0077 section 3.1), where an invitation is needed for those who have shown one on the same stream (XEP-0445).</summary>
internal sealed class RegistrationDesk(
    InviteStore invites, Friendship friendship, IAccountManager accounts, AddressLimits limits, IOptionsMonitor<RegistrationOptions> options, TimeProvider time, ILogger<RegistrationDesk> log) : IStrangerService
{
    private readonly ConditionalWeakTable<Stranger, Invite> _admitted = [];

    /// <inheritdoc/>
    public IEnumerable<Element> FeaturesFor(Stranger stranger) =>
        IsOpen(stranger) ? [new Element("register", "http://jabber.org/features/iq-register"), new Element("register", "urn:xmpp:ibr-token:0")] : [];

    /// <inheritdoc/>
    public async ValueTask<Iq?> AnswerAsync(Iq iq, Stranger stranger, CancellationToken ct)
    {
        var payload = iq.Payload!;
        var isPreAuth = payload.Is("preauth", RegistrationPlugin.PreAuth);
        if (!isPreAuth && !payload.Is("query", RegistrationPlugin.Namespace)) return null;
        // Nobody sends a password for others to hear.
        if (!IsOpen(stranger)) return Refuse(iq, StanzaCondition.ServiceUnavailable, null);
        if (isPreAuth) return iq.Type == "set" ? await AdmitAsync(iq, stranger, ct) : Refuse(iq, StanzaCondition.BadRequest, null);
        return iq.Type == "get" ? Ask(iq, stranger) : await RegisterAsync(iq, stranger, ct);
    }

    private bool IsOpen(Stranger stranger) => options.CurrentValue.Mode != RegistrationMode.Closed && stranger.IsPrivate;

    private async ValueTask<Iq> AdmitAsync(Iq iq, Stranger stranger, CancellationToken ct)
    {
        if (!limits.TryCount(stranger.Address)) return TooMany(iq);
        if (Invite.KeyOf(iq.Payload!["token"]) is not { } key || await invites.FindAsync(key, time.GetUtcNow(), ct) is not { } invite || invite.Domain != stranger.Domain)
        {
            return Refuse(iq, StanzaCondition.ItemNotFound, "The token is invalid, used or expired.");
        }

        _admitted.AddOrUpdate(stranger, invite);
        return iq.Result();
    }

    private Iq Ask(Iq iq, Stranger stranger)
    {
        var query = new Element("query", RegistrationPlugin.Namespace);
        if (_admitted.TryGetValue(stranger, out var invite)) query.Add("instructions", i => i.Text("Choose a name and a password.")).Add("username", u => u.Text(invite.User));
        else query.Add("instructions", i => i.Text(options.CurrentValue.Mode == RegistrationMode.Open ? "Choose a name and a password." : "You need an invitation.")).Add("username");
        return iq.Result(query.Add("password"));
    }

    private async ValueTask<Iq> RegisterAsync(Iq iq, Stranger stranger, CancellationToken ct)
    {
        _admitted.TryGetValue(stranger, out var invite);
        if (invite is null && options.CurrentValue.Mode != RegistrationMode.Open) return Refuse(iq, StanzaCondition.NotAllowed, "An invitation is needed.");
        if (iq.Payload!.Child("username")?.Value is not { Length: > 0 } user || iq.Payload.Child("password")?.Value is not { Length: > 0 } password) return Refuse(iq, StanzaCondition.NotAcceptable, "A name and a password are needed.");
        if (!Jid.TryCreate(user, stranger.Domain, null, out var account) || account.Local is null) return Refuse(iq, StanzaCondition.NotAcceptable, "That is no name for an account.");
        if (!limits.TryCount(stranger.Address)) return TooMany(iq);
        if ((invite?.User is { } kept && kept != account.Local) || await invites.IsReservedAsync(account, invite?.Key, time.GetUtcNow(), ct)) return Refuse(iq, StanzaCondition.Conflict, "That name is kept for somebody else.");
        // Taken first, so that it is good for one account only however many ask at once.
        if (invite is not null && !await invites.TakeAsync(invite.Key, ct)) return Refuse(iq, StanzaCondition.NotAllowed, "The invitation has been used.");
        var isMade = false;
        try
        {
            isMade = await accounts.AddAsync(account, password, ct);
        }
        catch (ArgumentException)
        {
            return Refuse(iq, StanzaCondition.NotAcceptable, "That password cannot be used.");
        }
        finally
        {
            if (!isMade && invite is not null) await invites.ReturnAsync(invite);
        }

        if (!isMade) return Refuse(iq, StanzaCondition.Conflict, "That name is taken.");
        _admitted.Remove(stranger);
        log.LogInformation("An account was made at {Domain}, {How}", stranger.Domain, invite is null ? "by whoever came" : "by an invitation");
        if (invite?.Inviter is { } inviter) await friendship.MakeAsync(inviter, account, ct);
        return iq.Result();
    }

    private static Iq TooMany(Iq iq) => Refuse(iq, StanzaCondition.ResourceConstraint, "Too many attempts from this address; try again later.");

    private static Iq Refuse(Iq iq, StanzaCondition condition, string? text) => (Iq)iq.ErrorReply(new StanzaError(condition, text));
}

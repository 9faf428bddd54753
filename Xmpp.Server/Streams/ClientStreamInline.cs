using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Management;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What a client wants in the same breath as it authenticates (XEP-0388): to resume, or to bind a resource with whatever goes along (XEP-0386), and tokens (XEP-0484).</summary>
internal sealed partial class ClientStream
{
    // Often enough that a token which is seen on its way is worth little for long, seldom enough that not every log-in writes.
    private static readonly TimeSpan TokenAge = TimeSpan.FromDays(1);

    private async ValueTask<NegotiationStep> EstablishAsync(NegotiationStep.Establish asked)
    {
        // No new stream begins, but other limits count.
        _connection.Allow(new XmlStreamLimits { StanzaBytes = _context.Limits.StanzaBytes });
        if (asked.Token is { } used) (ProvenChange, _isStillProven) = (used.Change, ct => IsStillTokenAsync(asked, used, ct));
        var token = await RenewTokenAsync(asked);
        Element? failed = null;
        if (asked.Request.Resume is { } resume)
        {
            failed = ManagementElements.Failed(StanzaCondition.BadRequest);
            if (ManagementElements.ReadResume(resume) is { } former)
            {
                var (isResumed, condition, handled, error) = await ResumeAsync(asked.Identity, former.PreviousId, former.Handled, Announce);
                if (error is not null) return new NegotiationStep.Fail(error);
                if (isResumed) return await IsStillProvenAsync() ? NegotiationStep.Read : NoLongerProven;
                failed = ManagementElements.Failed(condition, handled);

                IReadOnlyList<Element> Announce(Element resumed) => [Success(asked, FullJidOf(former.PreviousId, asked), token).Add(resumed), Negotiation.Established(isBound: true, isManaged: true)];
            }
        }

        if (asked.Request.Bind is { } bind) return await BindAsync(asked, bind, failed, token);
        if (!await IsStillProvenAsync()) return NoLongerProven;
        SendNonza(Success(asked, asked.Identity.Bare.ToString(), token).Add(failed));
        SendNonza(Negotiation.Established(isBound: false, isManaged: false));
        return NegotiationStep.Read;
    }

    private async ValueTask<NegotiationStep> BindAsync(NegotiationStep.Establish asked, Element bind, Element? failed, Element? token)
    {
        // Others may write to the address as soon as it is bound; the client hears of it first.
        _outbound.Hold();
        var stream = new SessionStream(this, _context);
        var bound = new Element("bound", Ns.Bind2);
        // Before anybody can write: the client counts what comes behind the success.
        if (bind.Child("enable", Ns.StreamManagement) is { } enable)
        {
            bound.Add(ManagementElements.ReadEnable(enable, MostResumption(asked.Identity)) is { } most ? stream.EnableFromTheBeginning(most) : ManagementElements.Failed(StanzaCondition.BadRequest));
        }

        var resource = _context.Resources.Of(asked.Identity.Bare, asked.Request.ClientId, bind.Child("tag")?.Value);
        var (isBound, refusal) = await BindAsync(stream, asked.Identity, resource);
        if (!isBound)
        {
            _outbound.Release();
            // XEP-0386 has no other way to say it.
            return refusal == StanzaCondition.ResourceConstraint ? new NegotiationStep.Fail(new StreamError(StreamConditions.ResourceConstraint, "The account has too many sessions.")) : NoLongerProven;
        }

        if (_context.Settings.ClientState.Enabled && bind.Child("inactive", Ns.ClientState) is not null) stream.SetActive(false);
        bound.Add(await _context.BindFeatures.ApplyAsync(_session!, bind, _abort.Token));
        var success = Success(asked, _session!.Jid.ToString(), token).Add(failed).Add(bound);
        _outbound.Release([_connection.Format(success), _connection.Format(Negotiation.Established(isBound: true, stream.IsManaged))]);
        return NegotiationStep.Read;
    }

    private static Element Success(NegotiationStep.Establish asked, string jid, Element? token)
    {
        var success = new Element("success", Ns.Sasl2);
        if (!asked.Data.IsEmpty) success.Add("additional-data", d => d.Text(Convert.ToBase64String(asked.Data.Span)));
        return success.Add("authorization-identifier", i => i.Text(jid)).Add(token);
    }

    private string FullJidOf(string previousId, NegotiationStep.Establish asked) =>
        (_context.Resumables.Find(previousId, asked.Identity.Bare).Stream?.Session?.Jid ?? asked.Identity.Bare).ToString();

    private async ValueTask<bool> IsStillTokenAsync(NegotiationStep.Establish asked, ClientToken used, CancellationToken ct) =>
        asked.Request.EndsToken || (await _context.Tokens!.FindAsync(asked.Identity.Bare, asked.Request.ClientId!, asked.Request.Mechanism!, ct)).Any(t => t.Token == used.Token);

    // XEP-0484 sections 3.2 and 3.4.
    private async ValueTask<Element?> RenewTokenAsync(NegotiationStep.Establish asked)
    {
        if (!_context.OffersTokens || asked.Request.ClientId is not { } client || asked.Identity.Kind != SenderKind.Account) return null;
        var (tokens, account) = (_context.Tokens!, asked.Identity.Bare);
        try
        {
            if (asked.Token is { } used)
            {
                if (asked.Request.EndsToken) await tokens.RevokeAsync(account, client, used, _abort.Token);
                else await tokens.UsedAsync(account, client, used, _abort.Token);
            }

            var wanted = asked.Request.TokenMechanism;
            if (wanted is null && asked is { Token: { } old, Request.EndsToken: false } && _context.Time.GetUtcNow() - old.Issued >= TokenAge) wanted = asked.Request.Mechanism;
            if (wanted is null || !SaslMechanisms.Fast(_connection.Security).Contains(wanted)) return null;
            var token = await tokens.IssueAsync(account, client, wanted, _abort.Token);
            return new Element("token", Ns.Fast).Attr("token", token.Token).Attr("expiry", token.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
        catch (DbException e) when (!asked.Request.EndsToken)
        {
            // Such as a full disk. The client has a password, or the token that it just used.
            _context.Log.LogWarning(208, e, "A client's token could not be written");
            return null;
        }
    }

    // Where it is known how far a stream came that cannot be resumed, the client need not send again what came before.
    private async ValueTask<uint?> VouchAsync(HandledCount? count)
    {
        if (count is null) return null;
        await count.SettleAsync(_context.Limits.SettleTime, _context.Time, _abort.Token);
        return count.Vouch();
    }
}

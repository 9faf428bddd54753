using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// What a plugin keeps of accounts, as it stands in a portable file (XEP-0227). Contributed; <c>./parley export</c> and <c>./parley import</c> ask it. They run beside a server or
/// without one, in a process where no plugin was started: an implementation touches its plugin's tables and the stores, nothing else.
/// </summary>
public interface IPortableData
{
    /// <summary>The elements below an account's <c>&lt;user/&gt;</c> that it writes and reads, in the order of writing.</summary>
    IReadOnlyList<PortableElement> Elements { get; }

    /// <summary>What an account has, read piece by piece: there may be more of it than memory.</summary>
    /// <returns>The children of the element where it is a list, otherwise the elements themselves; none where the account has nothing.</returns>
    IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, CancellationToken ct);

    /// <summary>Keeps what this or another program exported; durable when it returns. What the account has already stays as it is, so that a file may be imported twice.</summary>
    /// <param name="account">An account that exists.</param>
    /// <param name="element">Which of <see cref="Elements"/> it is.</param>
    /// <param name="pieces">As <see cref="ExportAsync"/> returns them, in the order of the file; a few hundred at most.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How many pieces were new.</returns>
    /// <exception cref="FormatException">A piece cannot be kept; the message says why. Of this call nothing may have been kept, or what came before: it is repeated piece by piece.</exception>
    ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct);
}

/// <summary>An element below an account's <c>&lt;user/&gt;</c> (XEP-0227 section 4).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="IsList">Whether each of its children is a piece by itself, and there may be any number of them; otherwise the element is one piece.</param>
public sealed record PortableElement(string Name, string Namespace, bool IsList);

using System.Data.Common;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>A user that is being imported: first the account with its keys, then what it has, in batches.</summary>
internal sealed class ImportedUser(PortableImport import, Jid account, string? password, string path, int line)
{
    private const int MaxBatch = 200;
    private const int MaxBatchCharacters = 4 * 1024 * 1024;

    private readonly List<(string Hash, ScramKeys Keys)> _keys = [];
    private readonly List<(Element Piece, string Path, int Line)> _batch = [];
    private int _characters;
    private (IPortableData Data, PortableElement Element)? _taker;
    private bool? _isNew;

    public Jid Account => account;

    /// <summary>Reads the child of the user that begins there.</summary>
    public async Task ReadAsync(PortableFile file, CancellationToken ct)
    {
        if (file.IsAt(ScramElement.Name, PortableNames.Scram))
        {
            await ReadKeysAsync(file, ct);
            return;
        }

        await EnsureAccountAsync(ct);
        if (import.TakerOf(file) is not { } taker)
        {
            import.Ignore(file);
            return;
        }

        if (_taker?.Element != taker.Element) await FlushAsync(ct);
        _taker = taker;
        if (taker.Element.IsList) await file.EachChildAsync(() => ReadPieceAsync(file, ct));
        else await ReadPieceAsync(file, ct);
    }

    /// <summary>Keeps what is left.</summary>
    public async Task FinishAsync(CancellationToken ct)
    {
        await EnsureAccountAsync(ct);
        await FlushAsync(ct);
        if (_isNew == true && _keys.Count == 0) import.Report.AccountsWithoutPassword++;
        import.Report.Accounts++;
    }

    private async Task ReadKeysAsync(PortableFile file, CancellationToken ct)
    {
        var place = file.Line;
        try
        {
            if (ScramElement.Read(ElementXml.Read(file.Reader, out _)) is not { } keys) PortableReport.Count(import.Report.Ignored, $"{ScramElement.Name} of another hash");
            else if (_keys.All(k => k.Hash != keys.Hash)) _keys.Add(keys);
        }
        catch (FormatException e)
        {
            import.Fault(file.Path, place, account, e.Message);
        }

        // As a rule they stand first, and the account is made with them.
        if (_isNew == true && _keys.Count > 0) await import.Accounts.SetKeysAsync(account, _keys, ct);
    }

    private async Task EnsureAccountAsync(CancellationToken ct)
    {
        if (_isNew is not null) return;
        if (password is not null)
        {
            // Of a password all keys can be made; they are as good as those that came.
            if (SaslPrep.TryPrepare(password, out _)) _keys.AddRange(ScramHash.All.Where(h => _keys.All(k => k.Hash != h.Name)).Select(h => (h.Name, ScramKeys.Of(h, password))).ToList());
            else import.Fault(path, line, account, "the password is empty or holds characters that passwords may not have (RFC 4013); nobody can log in before another is set");
        }

        _isNew = await import.Accounts.AddAsync(account, _keys, ct);
        if (_isNew == true) import.Report.NewAccounts++;
    }

    private async Task ReadPieceAsync(PortableFile file, CancellationToken ct)
    {
        var place = file.Line;
        try
        {
            var piece = ElementXml.Read(file.Reader, out var characters);
            _batch.Add((piece, file.Path, place));
            _characters += characters;
        }
        catch (FormatException e)
        {
            import.Fault(file.Path, place, account, e.Message);
        }

        if (_batch.Count >= MaxBatch || _characters >= MaxBatchCharacters) await FlushAsync(ct);
    }

    private async Task FlushAsync(CancellationToken ct)
    {
        if (_batch.Count == 0) return;
        var all = _batch.ToList();
        _batch.Clear();
        _characters = 0;
        if (await TryAsync(all, ct) is null || all.Count == 1) return;
        // Somewhere in it: each by itself, so that the others are kept and the place is told.
        foreach (var one in all) await TryAsync([one], ct);
    }

    private async Task<Exception?> TryAsync(List<(Element Piece, string Path, int Line)> pieces, CancellationToken ct)
    {
        var (data, element) = _taker!.Value;
        try
        {
            var added = await data.ImportAsync(account, element, [.. pieces.Select(p => p.Piece)], ct);
            if (added > 0) PortableReport.Count(import.Report.Pieces, $"{pieces[0].Piece.Name} {element.Namespace}", added);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException and not DbException { IsTransient: true })
        {
            // Whatever a plugin makes of what another program wrote costs that piece.
            if (pieces.Count == 1) import.Fault(pieces[0].Path, pieces[0].Line, account, e is FormatException ? e.Message : $"{e.GetType().Name}: {e.Message}");
            return e;
        }
    }
}

using System.Data;
using System.Data.Common;
using System.Globalization;

namespace Parley.Plugins.Archive;

/// <summary>
/// A statement over rows of values, as many at once as there are: to a database server each statement is a round trip, and costs it more than the rows do. There each column goes as one
/// array; in the process rows go in pieces of a few sizes, so that the database keeps what it made of each text. Not for two threads at once.
/// </summary>
internal sealed class RowStatement : IDisposable
{
    // In the process a call costs little, and a parameter more the more there are.
    private static readonly int[] Sizes = [4, 1];

    private readonly DbConnection _connection;
    private readonly string _before, _after;
    private readonly DbType[] _columns;
    private readonly DbCommand?[] _commands = new DbCommand?[Sizes.Length];
    private readonly bool _isFar;

    /// <summary>Makes it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="before">The text before the rows, which are a query of their own; a name of theirs is followed by <paramref name="after"/>.</param>
    /// <param name="after">The text behind them.</param>
    /// <param name="columns">What a row has.</param>
    public RowStatement(DbConnection connection, string before, string after, params DbType[] columns)
    {
        (_connection, _before, _after, _columns, _isFar) = (connection, before, after, columns, IsFar(connection));
    }

    /// <summary>Whether each statement is a round trip: those that take several in one breath are those.</summary>
    public static bool IsFar(DbConnection connection) => connection.CanCreateBatch;

    /// <summary>Runs it for all rows; returns how many it changed.</summary>
    public int Execute(IReadOnlyList<object?[]> rows)
    {
        var changed = 0;
        for (var at = 0; at < rows.Count;)
        {
            var command = Fill(rows, ref at);
            changed += command.ExecuteNonQuery();
        }

        return changed;
    }

    /// <summary>Runs it for all rows, and takes each row of what it finds.</summary>
    public void Read(IReadOnlyList<object?[]> rows, Action<DbDataReader> take)
    {
        for (var at = 0; at < rows.Count;)
        {
            using var found = Fill(rows, ref at).ExecuteReader();
            while (found.Read()) take(found);
        }
    }

    public void Dispose()
    {
        foreach (var command in _commands) command?.Dispose();
    }

    private DbCommand Fill(IReadOnlyList<object?[]> rows, ref int at)
    {
        if (_isFar)
        {
            var all = _commands[0] ??= MakeFar();
            for (var i = 0; i < _columns.Length; i++) all.Parameters[i].Value = Column(rows, i);
            at = rows.Count;
            return all;
        }

        var left = rows.Count - at;
        var size = Array.FindIndex(Sizes, s => s <= left);
        var command = _commands[size] ??= MakeNear(Sizes[size]);
        for (var (parameter, end) = (0, at + Sizes[size]); at < end; at++)
        {
            foreach (var value in rows[at]) command.Parameters[parameter++].Value = value ?? DBNull.Value;
        }

        return command;
    }

    private Array Column(IReadOnlyList<object?[]> rows, int column) => _columns[column] switch
    {
        DbType.Int64 => Column<long?>(rows, column),
        DbType.String => Column<string?>(rows, column),
        _ => Column<byte[]?>(rows, column),
    };

    private static T[] Column<T>(IReadOnlyList<object?[]> rows, int column)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (T)rows[i][column]!;
        return values;
    }

    private DbCommand MakeNear(int rows)
    {
        var command = _connection.CreateCommand();
        var names = new string[rows * _columns.Length];
        for (var i = 0; i < names.Length; i++) Add(command, names[i] = Name(i)).DbType = _columns[i % _columns.Length];
        command.CommandText = $"{_before} VALUES {string.Join(", ", names.Chunk(_columns.Length).Select(row => $"({string.Join(", ", row)})"))} {_after}";
        return command;
    }

    // What an array is of is seen from the array.
    private DbCommand MakeFar()
    {
        var command = _connection.CreateCommand();
        for (var i = 0; i < _columns.Length; i++) Add(command, Name(i));
        var (values, names) = (string.Join(", ", _columns.Select((_, i) => Name(i))), string.Join(", ", _columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"column{i + 1}"))));
        command.CommandText = $"{_before} SELECT * FROM unnest({values}) AS u({names}) {_after}";
        return command;
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"@v{i}");

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
